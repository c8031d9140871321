import fc from 'fast-check'
import { expect, test } from 'vitest'
import { classify } from '../../src/domain/classify.ts'
import { buildGraph, dependants } from '../../src/domain/graph.ts'
import { isKept } from '../../src/domain/verdict.ts'
import { picture, RULES, type Described } from './picture.ts'

const NAMES = Array.from({ length: 9 }, (_, index) => `m${index}`)
const name = fc.constantFrom(...NAMES, 'absent')

const described: fc.Arbitrary<Described> = fc.record(
  {
    type: fc.constantFrom(
      'application/vnd.docker.distribution.manifest.v2+json',
      'application/vnd.cncf.oras.artifact.manifest.v1+json',
      'application/vnd.example.unknown',
      '',
    ),
    tags: fc.array(
      fc.oneof(
        fc.constant('v1'),
        name.map((target) => `sha256-{${target}}.sig`),
      ),
      { maxLength: 2 },
    ),
    age: fc.constantFrom('10m', '2d', '9d'),
    locks: fc.record({ delete: fc.boolean(), write: fc.boolean(), read: fc.boolean() }, { requiredKeys: [] }),
    children: fc.array(name, { maxLength: 4 }),
    subject: name,
  },
  { requiredKeys: [] },
)

/** Any registry, however absurd: circles, shared children, locks, digest tags at random. */
const registry = fc
  .array(described, { minLength: 1, maxLength: NAMES.length })
  .map((all) => Object.fromEntries(all.map((one, index) => [NAMES[index] ?? '', one])))

const RUNS = { numRuns: 2000 }

test('every manifest has a verdict, and every one outside a group is kept', () => {
  fc.assert(
    fc.property(registry, (repository) => {
      const snapshot = picture(repository)
      const { manifests } = snapshot
      const { verdicts, groups } = classify(manifests, buildGraph(snapshot), RULES)
      const grouped = groups.flatMap((group) => group.manifests.map(({ digest }) => digest))
      expect(new Set(grouped).size).toBe(grouped.length)
      const free = [...manifests.keys()].filter((digest) => !isKept(verdicts.get(digest)))
      expect(new Set(grouped)).toEqual(new Set(free))
    }),
    RUNS,
  )
})

test('whatever a kept manifest lists, and whatever refers to it, is kept', () => {
  fc.assert(
    fc.property(registry, (repository) => {
      const snapshot = picture(repository)
      const { manifests } = snapshot
      const graph = buildGraph(snapshot)
      const { verdicts } = classify(manifests, graph, RULES)
      for (const digest of manifests.keys()) {
        if (!isKept(verdicts.get(digest))) continue
        for (const reach of dependants(graph, digest)) expect(isKept(verdicts.get(reach.digest))).toBe(true)
      }
    }),
    RUNS,
  )
})

test('nothing tagged, locked, unknown or just pushed is in a group', () => {
  fc.assert(
    fc.property(registry, (repository) => {
      const snapshot = picture(repository)
      const { manifests } = snapshot
      for (const group of classify(manifests, buildGraph(snapshot), RULES).groups) {
        for (const { tags, locks, kind, pushedAt } of group.manifests) {
          expect(tags).not.toContain('v1')
          expect(locks).toEqual({ delete: true, write: true, read: true })
          expect(kind).not.toBe('unknown')
          expect(RULES.now - pushedAt).toBeGreaterThanOrEqual(RULES.inFlight)
        }
      }
    }),
    RUNS,
  )
})

test('a root is listed by nothing and refers to nothing that is held', () => {
  fc.assert(
    fc.property(registry, (repository) => {
      const snapshot = picture(repository)
      const { manifests } = snapshot
      const graph = buildGraph(snapshot)
      for (const { root } of classify(manifests, graph, RULES).groups) {
        expect(graph.parents.has(root.digest)).toBe(false)
        expect(graph.subjects.has(root.digest)).toBe(false)
      }
    }),
    RUNS,
  )
})

test('the order of the list does not change a verdict', () => {
  fc.assert(
    fc.property(registry, (repository) => {
      const snapshot = picture(repository)
      const { manifests } = snapshot
      const kinds = (reversed: boolean): unknown => {
        const entries = reversed ? [...manifests].toReversed() : [...manifests]
        const graph = buildGraph({ ...snapshot, manifests: new Map(entries) })
        const { verdicts } = classify(new Map(entries), graph, RULES)
        return new Map(
          [...verdicts].map(([digest, verdict]) => [
            digest,
            [verdict.kind, 'root' in verdict && verdict.root],
          ]),
        )
      }
      expect(kinds(true)).toEqual(kinds(false))
    }),
    RUNS,
  )
})
