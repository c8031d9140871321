import { describe, expect, test } from 'vitest'
import { IMAGE_REFERENCE_GRAMMAR } from '../../src/domain/image-reference.ts'
import { PATTERN_GRAMMAR } from '../../src/domain/pattern.ts'
import { problems, read } from './reading.ts'

function patterns(repositories: string): readonly string[] {
  return read({ repositories }).repositories.map(({ text }) => text)
}

describe('the elements of a list', () => {
  test.each([
    ['one', 'api', ['api']],
    ['separated by newlines', 'api\nweb', ['api', 'web']],
    ['separated by commas', 'api,web', ['api', 'web']],
    ['separated by both', 'api, web,\nworker\n', ['api', 'web', 'worker']],
    ['with blanks around them', '  api  \n\t web\t', ['api', 'web']],
    ['with empty ones between them', 'api,,\n\n , \nweb,', ['api', 'web']],
    ['with line ends of Windows', 'api\r\nweb\r\n', ['api', 'web']],
    ['with a line that is a comment', '# the services\napi\n  # and the site\nweb', ['api', 'web']],
    ['with a comment behind an element', 'api # the service\nweb', ['api', 'web']],
    ['with a comment behind several', 'api, web # both\nworker', ['api', 'web', 'worker']],
    ['with a comment that contains commas', 'api # old, not used, see wiki\nweb', ['api', 'web']],
    ['with a comment right behind the sign', 'api #comment\nweb', ['api', 'web']],
    ['with a comment that contains another', 'api # one # two\nweb', ['api', 'web']],
    ['with a comment right behind a comma', 'api,# the service\nweb', ['api', 'web']],
    ['with a comment before a line end of Windows', 'api # the service\r\nweb\r\n', ['api', 'web']],
    ['with a line of Windows that is a comment', '# services\r\napi', ['api']],
    ['with a comment that holds a separator of lines', 'api # one\u2028two\nweb', ['api', 'web']],
    ['with nothing but comments', '# none today', []],
    ['given twice', 'api\napi', ['api', 'api']],
    ['with a negation', 'team/**\n!team/legacy/**', ['team/**', '!team/legacy/**']],
  ])('%s', (_, text, elements) => {
    expect(patterns(text)).toEqual(elements)
  })

  test('are each reported when they are wrong, with the element and what is accepted', () => {
    expect(problems({ repositories: 'api\nTeam/App, web\n/x # a comment' })).toEqual([
      { input: 'repositories', message: `got "Team/App", accepted: ${PATTERN_GRAMMAR}.` },
      { input: 'repositories', message: `got "/x", accepted: ${PATTERN_GRAMMAR}.` },
    ])
  })

  test('are no comment when the sign stands within a word', () => {
    expect(problems({ repositories: 'api#v2' })).toEqual([
      { input: 'repositories', message: `got "api#v2", accepted: ${PATTERN_GRAMMAR}.` },
    ])
  })
})

describe('images', () => {
  test('are taken as docker/metadata-action gives its tags', () => {
    const tags = 'myregistry.azurecr.io/team/app:1.2.3\nmyregistry.azurecr.io/team/app:latest\nuser/app:1.2.3'
    expect(
      read({ images: tags }).images?.map(({ host, repository, tag }) => ({ host, repository, tag })),
    ).toEqual([
      { host: 'myregistry.azurecr.io', repository: 'team/app', tag: '1.2.3' },
      { host: 'myregistry.azurecr.io', repository: 'team/app', tag: 'latest' },
      { host: undefined, repository: 'user/app', tag: '1.2.3' },
    ])
  })

  test('that are not given do not limit the run', () => {
    expect(read({ images: '' }).images).toBeUndefined()
  })

  test('that are nothing but comments are not given', () => {
    expect(read({ images: '# none today\n  # nor tomorrow' }).images).toBeUndefined()
  })

  test('are each reported when they are wrong', () => {
    expect(
      problems({ images: 'myregistry.azurecr.io/app:1\nhttps://myregistry.azurecr.io/app\napp:' }),
    ).toEqual([
      {
        input: 'images',
        message: `got "https://myregistry.azurecr.io/app", accepted: ${IMAGE_REFERENCE_GRAMMAR}.`,
      },
      { input: 'images', message: `got "app:", accepted: ${IMAGE_REFERENCE_GRAMMAR}.` },
    ])
  })
})
