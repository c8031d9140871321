import { expect, test } from 'vitest'
import { run } from '../../emulator/resource-manager/kql/run.ts'
import type { Row, Table } from '../../emulator/resource-manager/kql/values.ts'
import { QueryProblem } from '../../emulator/resource-manager/kql/problem.ts'
import { errorIn, startWorld } from './resource-manager-world.ts'

/** The subset of KQL by itself. What the words mean is Kusto's; what there is of them, Resource Graph's. */

const limits = { unsaid: 128, most: 400, overMost: 'refuse', perQuery: 2 } as const

const table: Table = {
  columns: [
    { name: 'name', type: 'string' },
    { name: 'count', type: 'long' },
    { name: 'bag', type: 'dynamic' },
  ],
  rows: [
    { name: 'Alpha', count: 3, bag: { list: [1, 2], text: 'Sec-High', 'a.b': 'dotted', json: '{"x":[5]}' } },
    { name: 'beta', count: 1, bag: { list: [], nothing: null, yes: true } },
    { name: 'gamma', count: 2, bag: { list: null } },
  ],
}

const rowsOf = (operators: string): readonly Row[] =>
  run(`T ${operators}`, { limits, table: (name) => (name === 'T' ? table : undefined) }).rows

const valueOf = (expression: string) => rowsOf(`| take 1 | project value = ${expression}`)[0]?.['value']
const namesWhere = (predicate: string) => rowsOf(`| where ${predicate}`).map(({ name }) => name)

const problemOf = (query: string): QueryProblem => {
  try {
    run(query, { limits, table: (name) => (name === 'T' ? table : undefined) })
  } catch (error) {
    if (error instanceof QueryProblem) return error
    throw error
  }
  throw new Error('nothing is wrong with it')
}

test.each([
  ["name == 'alpha'", []],
  ["name =~ 'alpha'", ['Alpha']],
  ["name !~ 'alpha'", ['beta', 'gamma']],
  ["name in ('Alpha', 'GAMMA')", ['Alpha']],
  ["name in~ ('alpha', 'GAMMA')", ['Alpha', 'gamma']],
  ["name !in ('Alpha')", ['beta', 'gamma']],
  ["name !in~ ('alpha')", ['beta', 'gamma']],
  ["name contains 'AM'", ['gamma']],
  ["name !contains 'a'", []],
  ["name startswith 'al'", ['Alpha']],
  ["name startswith_cs 'al'", []],
  ["name endswith 'A'", ['Alpha', 'beta', 'gamma']],
  ["bag.text has 'high'", ['Alpha']],
  ["bag.text has 'hig'", []],
  ["bag.text has_cs 'high'", []],
  ["bag.text == 'Sec-High'", ['Alpha']],
  // Null is not equal to anything, and therefore unequal to everything.
  ["bag.text != 'Sec-High'", ['beta', 'gamma']],
  ['bag.yes == true', ['beta']],
  ['count > 1 and not(name has "gamma")', ['Alpha']],
  ["name == 'beta' or count >= 2 and count < 3", ['beta', 'gamma']],
  ['isnull(bag.text)', ['beta', 'gamma']],
  ['array_length(bag.list) > 0', ['Alpha']],
  ["(name == 'beta')", ['beta']],
])('where %s', (predicate, expected) => {
  expect(namesWhere(predicate)).toEqual(expected)
})

test.each([
  ["bag['a.b']", 'dotted'],
  ["bag.['a.b']", 'dotted'],
  ['bag.list[1]', 2],
  ['bag.list[-1]', 2],
  ['bag.missing.deeper', null],
  ['tostring(bag.list)', '[1,2]'],
  ['tostring(bag.missing)', ''],
  ['parse_json(tostring(bag.json)).x[0]', 5],
  ["parse_json('no json')", 'no json'],
  ["tostring(parse_json(''))", ''],
  ['array_length(bag.text)', null],
  ['array_concat(bag.list, dynamic([3, "x", {"y": null}]))', [1, 2, 3, 'x', { y: null }]],
  ['array_concat(bag.list, bag.missing)', null],
  ['array_concat(bag.list, coalesce(bag.missing, dynamic([])))', [1, 2]],
  ["coalesce('', name)", 'Alpha'],
  ["case(count == 1, 'one', count == 3, 'three', 'many')", 'three'],
  ["iff(count > 1, 'more', 'one')", 'more'],
  ["substring('DOCKER|x', 7)", 'x'],
  ["substring('abcdef', 2, 3)", 'cde'],
  ["split('a/b/c', '/')", ['a', 'b', 'c']],
  ["split('a/b/c', '/')[2]", 'c'],
  ["extract('sha256:([a-f0-9]+)', 1, 'x@sha256:0af')", '0af'],
  ["extract(@'(\\d+)', 1, 'none')", ''],
  ["strcat(name, ':', count)", 'Alpha:3'],
  ["toint('12') + 1", 13],
  ["toint('x')", null],
  ['count / 2', 1],
  ['count / 2.0', 1.5],
  ['-count * 2 + 1', -5],
  ["indexof('abc', 'c')", 2],
  ["replace_string('a-b-c', '-', '/')", 'a/b/c'],
  ['bag_keys(bag)[0]', 'list'],
  ["'it\\'s'", "it's"],
  ["@'C:\\x'", 'C:\\x'],
])('%s', (expression, expected) => {
  expect(valueOf(expression)).toEqual(expected)
})

test('mv-expand: a row for each element, one for nothing, none for an empty array', () => {
  expect(rowsOf('| mv-expand item = bag.list | project name, item')).toEqual([
    { name: 'Alpha', item: 1 },
    { name: 'Alpha', item: 2 },
    { name: 'gamma', item: null },
  ])
  expect(rowsOf('| mvexpand bag.list limit 1 | project bag_list')).toHaveLength(2)
})

test('summarize: groups in the order of their first row, names from the aggregations', () => {
  expect(
    rowsOf('| extend even = count % 2 == 0 | summarize count(), sum(count), make_set(name) by even'),
  ).toEqual([
    { even: false, count_: 2, sum_count: 4, set_name: ['Alpha', 'beta'] },
    { even: true, count_: 1, sum_count: 2, set_name: ['gamma'] },
  ])
  expect(rowsOf('| summarize dcount(name), min(count), max(name), countif(count > 1)')).toEqual([
    { dcount_name: 3, min_count: 1, max_name: 'gamma', countif_: 2 },
  ])
  // Without groups there is a row even of nothing; with groups there is none.
  expect(rowsOf('| where false | summarize total = count()')).toEqual([{ total: 0 }])
  expect(rowsOf('| where false | summarize count() by name')).toEqual([])
  expect(rowsOf('| summarize count() by tostring(bag.text) | take 1')).toEqual([
    { bag_text: 'Sec-High', count_: 1 },
  ])
})

test('order by descends without a word, and puts nothing last then', () => {
  const names = (operators: string) => rowsOf(operators).map(({ name }) => name)
  expect(names('| order by count')).toEqual(['Alpha', 'gamma', 'beta'])
  expect(names('| sort by toint(bag.list[0]) asc, name desc')).toEqual(['gamma', 'beta', 'Alpha'])
  expect(names('| order by toint(bag.list[0]) asc nulls last, name asc')).toEqual(['Alpha', 'beta', 'gamma'])
  expect(names('| top 1 by count asc')).toEqual(['beta'])
})

test('project, project-away, extend, distinct, count, take', () => {
  expect(rowsOf('| project-away bag, count | take 1')).toEqual([{ name: 'Alpha' }])
  expect(rowsOf('| extend name = tolower(name) | project name | limit 1')).toEqual([{ name: 'alpha' }])
  expect(rowsOf('| project bag.text, count * 2 | take 1')).toEqual([{ bag_text: 'Sec-High', Column2: 6 }])
  expect(rowsOf('| extend size = strlen(name) | distinct size')).toEqual([{ size: 5 }, { size: 4 }])
  expect(rowsOf('| count')).toEqual([{ Count: 3 }])
})

test.each([
  ['T | join kind=inner (T) on name', 'syntax', 'join'],
  ['T | union T', 'syntax', 'union'],
  ["T | parse name with 'x' rest", 'syntax', 'parse'],
  ['let x = 1; T', 'syntax', 'let'],
  ['T | mv-apply x = bag.list on (count)', 'syntax', 'mv-apply'],
  ['T | wher name', 'syntax', 'wher'],
  ["T | where name matches regex 'a'", 'syntax', 'matches'],
  ['T | where count between (1 .. 2)', 'syntax', 'between'],
  ["T | where name has_any ('a')", 'syntax', 'has_any'],
  ['T | where name ==', 'syntax', '<EOF>'],
  ["T | where name == 'open", 'syntax', "'"],
  ['T | mv-expand kind=array x = bag', 'syntax', 'kind'],
  ['T | mv-expand a = bag.list, b = bag.list', 'syntax', ','],
  ['T | mv-expand bag.list to typeof(string)', 'syntax', 'to'],
  ['T | where count > 30d', 'syntax', 'd'],
  ['T | summarize count() + 1', 'syntax', '+'],
  ['T | where name == todatetime(1)', 'function', 'todatetime'],
  ['T | summarize arg_max(count, *)', 'syntax', '*'],
  ['T | summarize percentile(count, 50)', 'function', 'percentile'],
  ['Nowhere | take 1', 'table', 'Nowhere'],
  ['where name == 1', 'table', 'Resources'],
  ['T | where nme == 1', 'semantic', 'nme'],
  ['T | extend a = 1, b = a', 'semantic', 'a'],
  ['T | summarize count() by name | project bag', 'semantic', 'bag'],
  ['T | project-away nme', 'semantic', 'nme'],
  ['T | where name', 'semantic', 'where'],
  ['T | where name > 1', 'semantic', '>'],
  ["T | where count == 'three'", 'semantic', '=='],
  ['T | where bag.count > 1', 'semantic', '>'],
  ['T | summarize count() by bag.text', 'semantic', 'bag_text'],
  ['T | order by bag.text', 'semantic', 'order'],
  ['T | mv-expand name', 'semantic', 'mv-expand'],
  ["T | extend x = iff(true, 1, 'a')", 'semantic', 'iff()'],
  ["T | project x = extract('(', 1, name)", 'semantic', '('],
  ['T | extend x = tolower()', 'semantic', 'tolower'],
  ['T | extend x = array_length(name)', 'semantic', 'array_length()'],
  ['T | mv-expand bag.list limit 401', 'limit', '401'],
  ['T | mv-expand a = bag.list | mv-expand b = bag.list | mv-expand c = bag.list', 'limit', 'mv-expand'],
])('refused by name, rows or none: %s', (query, kind, token) => {
  expect(problemOf(query)).toMatchObject({ kind, token })
  if (kind !== 'table' && token !== '(')
    expect(problemOf(query.replace(/^T /, 'T | where false '))).toMatchObject({ token })
})

test('positions are counted as the service counts them: lines from one, characters from zero', () => {
  // Azure/azure-powershell has the body for "where where": <EOF> at line 1, character 11.
  expect(problemOf('T | where (').at).toEqual({ line: 1, character: 11 })
  expect(problemOf('T\n// a comment\n| where name == 1\n| where count ==       <').at).toEqual({
    line: 4,
    character: 23,
  })
})

test('over the wire: 400 BadRequest, InvalidQuery first, then what it is about', async () => {
  await using world = await startWorld()
  const detailsOf = async (query: string) => {
    const answer = await world.post({ query })
    expect(answer.status).toBe(400)
    const error = errorIn(answer)
    expect(error.code).toBe('BadRequest')
    expect(error.message).toMatch(
      /^Please provide below info when asking for support: timestamp = \d{4}-\d\d-\d\dT[\d:.]+Z, correlationId = [\da-f-]{36}\.$/,
    )
    expect(error.message).toContain(answer.headers['x-ms-correlation-request-id'])
    return error.details
  }
  const invalid = {
    code: 'InvalidQuery',
    message:
      'Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.',
  }
  expect(await detailsOf('Resources | where name ==')).toEqual([
    invalid,
    { code: 'ParserFailure', message: 'ParserFailure', line: 1, characterPositionInLine: 25, token: '<EOF>' },
  ])
  expect(await detailsOf('Resources | join (ResourceContainers) on subscriptionId')).toMatchObject([
    invalid,
    { code: 'ParserFailure', token: 'join' },
  ])
  expect(await detailsOf('Resources | cout')).toMatchObject([
    invalid,
    { code: 'ParserFailure', token: 'cout' },
  ])
  expect(await detailsOf('Resources | summarize cout()')).toEqual([
    invalid,
    { code: 'UnknownFunction', message: "Unknown function: 'cout'." },
  ])
  expect(await detailsOf('Resources | project nme')).toMatchObject([
    invalid,
    {
      message: "'project' operator: Failed to resolve column or scalar expression named 'nme'",
      token: 'nme',
    },
  ])
})
