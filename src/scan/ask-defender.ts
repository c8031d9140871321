import { counted } from '../domain/count.ts'
import type { Digest } from '../domain/digest.ts'
import { orphansOf } from '../domain/evaluate.ts'
import type { Survey } from '../domain/survey.ts'
import type { Vulnerabilities } from '../domain/vulnerability.ts'
import type { Defender, Log } from '../ports.ts'

interface Tools {
  readonly defender: Defender | undefined
  readonly log: Log
}

/** What is known of the vulnerabilities of all orphans that count; asks only where there is one. */
export async function askDefender(
  surveys: readonly Survey[],
  { defender, log }: Tools,
): Promise<Vulnerabilities> {
  if (defender === undefined) return { kind: 'not-asked' }
  const digests = orphanManifests(surveys)
  // Without an orphan there is nothing to know.
  if (digests.length === 0) return { kind: 'known', images: new Map() }
  log.info(`Asking Microsoft Defender about ${counted(digests.length, 'manifest')} of orphans.`)
  return defender.source.of(digests)
}

/** The same after a purge: asked again only where something has become an orphan meanwhile. */
export async function askDefenderAgain(
  after: readonly Survey[],
  { before, known }: { readonly before: readonly Survey[]; readonly known: Vulnerabilities },
  tools: Tools,
): Promise<Vulnerabilities> {
  const asked = new Set(orphanManifests(before))
  if (tools.defender !== undefined && orphanManifests(after).length === 0)
    return { kind: 'known', images: new Map() }
  return orphanManifests(after).every((digest) => asked.has(digest)) ? known : askDefender(after, tools)
}

function orphanManifests(surveys: readonly Survey[]): readonly Digest[] {
  return [...new Set(orphansOf(surveys).flatMap(({ manifests }) => manifests))]
}
