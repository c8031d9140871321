import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePattern, select, type Pattern } from '../../src/domain/pattern.ts'

function pattern(text: string): Pattern {
  const parsed = parsePattern(text)
  if (parsed === undefined) throw new Error(`not a pattern: ${text}`)
  return parsed
}

describe('a pattern matches', () => {
  test.each([
    ['a name as it is', 'team/app', 'team/app'],
    ['* within a part', 'team/*', 'team/app'],
    ['* beside other letters', 'team/api-*', 'team/api-v2'],
    ['* as nothing', 'api*', 'api'],
    ['* between letters', 'a*c', 'abbbc'],
    ['several *', '*/*/app', 'a/b/app'],
    ['** at any depth', 'team/**', 'team/a/b/c'],
    ['** one level down', 'team/**', 'team/a'],
    ['** as everything', '**', 'a/b/c'],
    ['** as everything', '**', 'a'],
    ['**/ as no folder', '**/api', 'api'],
    ['**/ as one folder', '**/api', 'team/api'],
    ['**/ as many folders', '**/api', 'a/b/c/api'],
    ['**/ in the middle as no folder', 'team/**/api', 'team/api'],
    ['**/ in the middle as many folders', 'team/**/api', 'team/a/b/api'],
    ['** within a part, over its end', 'team**', 'team-b/app'],
    ['more than two stars as two', 'team/****', 'team/a/b'],
  ])('%s: %s, %s', (_, glob, name) => {
    expect(pattern(glob).matches(name)).toBe(true)
  })
})

describe('a pattern does not match', () => {
  test.each([
    ['a name that only begins like it', 'app', 'apps'],
    ['a name that only ends like it', 'app', 'my-app'],
    ['a folder of that name', 'app', 'app/web'],
    ['* beyond a /', 'team/*', 'team/a/b'],
    ['* beyond a /', '*', 'team/app'],
    ['* before a /', '*-app', 'team/my-app'],
    ['the folder itself: team/** is not team', 'team/**', 'team'],
    ['a neighbour of the folder', 'team/**', 'team-b/app'],
    ['the end of another name', '**/api', 'my-api'],
    ['the end of another name, deeper', '**/api', 'team/my-api'],
    ['a folder that it does not name', 'team/**/api', 'other/team/api'],
    ['any letter for a dot', 'a.b', 'axb'],
    ['an empty part for a dot', 'a.b', 'ab'],
    ['nothing for a letter', 'team/*/api', 'team/api'],
    ['nothing for the / behind a name with **', 'team**/api', 'teamapi'],
    ['nothing for the / behind a part with **', 'a*/**b/c', 'a/bc'],
  ])('%s: %s, %s', (_, glob, name) => {
    expect(pattern(glob).matches(name)).toBe(false)
  })

  test.each(['a.b', 'a-b', 'a_b', 'a__b'])('anything but itself when it has no star: %s', (name) => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-c._/-]{1,5}$/), (other) => {
        expect(pattern(name).matches(other)).toBe(other === name)
      }),
    )
  })
})

describe('a pattern is as wide as its stars say', () => {
  /** What the stars mean, letter by letter and as slow as it is plain. A part is entered behind a slash. */
  function reference(glob: string, name: string, entering = true): boolean {
    if (glob === '') return name === ''
    if (glob.startsWith('**')) {
      const rest = glob.replace(/^\*+/, '')
      const suffixes = Array.from({ length: name.length + 1 }, (_, at) => name.slice(at))
      return (
        suffixes.some((suffix) => reference(rest, suffix, false)) ||
        (entering && rest.startsWith('/') && reference(rest.slice(1), name))
      )
    }
    if (glob.startsWith('*')) {
      if (reference(glob.slice(1), name, false)) return true
      return name !== '' && !name.startsWith('/') && reference(glob, name.slice(1), false)
    }
    const letter = glob.charAt(0)
    return name.startsWith(letter) && reference(glob.slice(1), name.slice(1), letter === '/')
  }

  const part = fc.stringMatching(/^[ab]{1,2}$/)
  const names = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const globPart = fc.oneof(fc.constant('**'), fc.stringMatching(/^(?:[ab*]|[ab]\*{1,3}[ab]?|\*{1,3}[ab])$/))
  const globs = fc.array(globPart, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))

  test('no wider and no narrower', () => {
    fc.assert(
      fc.property(globs, names, (glob, name) => {
        expect(pattern(glob).matches(name)).toBe(reference(glob, name))
      }),
      { numRuns: 3000 },
    )
  })

  test('a name is matched by itself', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(pattern(name).matches(name)).toBe(true)
      }),
    )
  })
})

describe('a pattern is refused when no repository can have such a name', () => {
  test.each([
    '',
    '!',
    '!!team',
    'Team/app',
    '/team',
    'team/',
    'team//app',
    '!team/',
    '.team',
    '-team',
    '_team',
    'team app',
    'team/app:latest',
    'team@sha256',
    'team\\app',
    'team/[ab]',
    'team/{a,b}',
    'team/a?',
    'team/(a|b)',
    '^team$',
    'team+',
    'équipe',
    'team\napp',
    'a..b',
    'a.',
    'a_',
    'a___b',
    'a*..',
    'a/.b',
    'team/-app',
    'a'.repeat(256),
  ])('%j', (text) => {
    expect(parsePattern(text)).toBeUndefined()
  })
})

test('a pattern of many stars does not stall', () => {
  const started = performance.now()
  expect(pattern('*a*a*a*a*b').matches('a'.repeat(100))).toBe(false)
  expect(pattern(`${'**/'.repeat(20)}b`).matches('a/'.repeat(100))).toBe(false)
  expect(performance.now() - started).toBeLessThan(100)
})

describe('a pattern without a star', () => {
  test('names its repository, so that no catalog is needed', () => {
    expect(pattern('team/app.v2').literal).toBe('team/app.v2')
    expect(pattern('!team/app').literal).toBe('team/app')
  })

  test('is the only kind that does', () => {
    expect(pattern('team/*').literal).toBeUndefined()
    expect(pattern('**').literal).toBeUndefined()
  })
})

describe('selecting', () => {
  const names = ['team/api', 'team/web', 'team/legacy/old', 'other', 'team']
  const selected = (...texts: string[]): readonly string[] => select(names, texts.map(pattern)).selected
  const unmatched = (...texts: string[]): readonly string[] =>
    select(names, texts.map(pattern)).withoutMatch.map(({ text }) => text)

  test('without any pattern takes all', () => {
    expect(selected()).toEqual(names)
    expect(unmatched()).toEqual([])
  })

  test('takes what any positive pattern matches, in the order of the names, each once', () => {
    expect(selected('other', 'team/*', 'team/web')).toEqual(['team/api', 'team/web', 'other'])
  })

  test('with only negative patterns takes all but these', () => {
    expect(selected('!team/**', '!other')).toEqual(['team'])
  })

  test.each([[['team/**', '!team/legacy/**']], [['!team/legacy/**', 'team/**']]])(
    '! wins wherever it stands: %j',
    (texts) => {
      expect(selected(...texts)).toEqual(['team/api', 'team/web'])
    },
  )

  test('! wins over the name itself', () => {
    expect(selected('team/api', '!team/*')).toEqual([])
  })

  test('reports each pattern that matches nothing, positive or negative', () => {
    expect(unmatched('team/*', 'nothing/*', '!gone', '!other')).toEqual(['nothing/*', '!gone'])
  })

  test('does not report a pattern whose matches another one excludes', () => {
    expect(unmatched('other', '!other')).toEqual([])
  })

  test('reordering the list never changes what is taken', () => {
    const texts = fc.array(fc.constantFrom('team/*', '**', 'other', '!team/**', '!other', '!**/old', 'x'), {
      maxLength: 5,
    })
    fc.assert(
      fc.property(texts, (list) => {
        expect(selected(...list)).toEqual(selected(...list.toReversed()))
      }),
    )
  })
})
