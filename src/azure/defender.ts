import type { Digest } from '../domain/digest.ts'
import type { Cve, Ignorance, ImageRecord, Vulnerabilities } from '../domain/vulnerability.ts'
import { ManagementError, RegistryError, StoppedError } from '../errors.ts'
import type { Management, Question, Row, VulnerabilitySource } from '../ports.ts'
import { anyRecordOf, PLANS, recordsOf, subscriptionOf } from './defender-queries.ts'
import { TOO_LARGE } from './management-failure.ts'

/** Microsoft Defender for the images of one registry, by its login server. */
export function defender(host: string, management: () => Promise<Management>): VulnerabilitySource {
  return {
    async of(digests) {
      const asked = digests.filter((digest) => SHA256.test(digest))
      if (asked.length === 0) return unknown('no-record')
      try {
        const azure = await management()
        const images = await recordsIn(asked, (some) => azure.query(recordsOf(host, some), QUESTION))
        return images.size > 0 ? { kind: 'known', images } : await whyNothing(host, azure)
      } catch (error) {
        return unknownBecauseOf(error)
      }
    },
  }
}

/** The only digests that the registry gives to images. */
const SHA256 = /^sha256:[0-9a-f]{64}$/

const QUESTION: Question = {
  operation: 'ask Microsoft Defender for vulnerabilities',
  role: 'Security Reader on the subscription of the registry',
}

/** Fewer than 300 ids in a query (Microsoft Learn, "Guidance for throttled requests in Azure Resource Graph", Grouping). */
const MOST_DIGESTS = 250

/** Large queries take seconds, and fifteen in five seconds are allowed. */
const AT_A_TIME = 4

type Ask = (digests: readonly Digest[]) => ReturnType<Management['query']>

/** Asks in batches, in smaller ones from the first that is too large for the service. */
async function recordsIn(digests: readonly Digest[], ask: Ask): Promise<ReadonlyMap<Digest, ImageRecord>> {
  const images = new Map<Digest, ImageRecord>()
  const cves = new Map<string, Cve>()
  let [left, size, failed] = [digests, MOST_DIGESTS, false]
  const worker = async (): Promise<void> => {
    while (left.length > 0 && !failed) {
      const batch = left.slice(0, size)
      left = left.slice(size)
      try {
        const { rows, cut } = await ask(batch)
        for (const [digest, record] of rows.flatMap((row) => recordOf(row, cves)))
          images.set(digest, cut ? { ...record, truncated: true } : record)
      } catch (error) {
        if (!isTooLarge(error) || batch.length === 1) {
          failed = true
          throw error
        }
        size = Math.min(size, Math.ceil(batch.length / 2))
        left = [...batch, ...left]
      }
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  return images
}

function isTooLarge(error: unknown): boolean {
  return error instanceof ManagementError && error.failure.code === TOO_LARGE
}

const BY_RANK: readonly Cve['severity'][] = ['unknown', 'low', 'medium', 'high', 'critical']

/** Images have most CVEs in common: each is kept once. */
function recordOf(row: Row, known: Map<string, Cve>): readonly (readonly [Digest, ImageRecord])[] {
  const { digest, cves: listed, found, truncated } = row
  if (typeof digest !== 'string' || !SHA256.test(digest) || !Array.isArray(listed)) return []
  const cves = listed.filter((text) => typeof text === 'string').flatMap((text) => cveOf(text, known))
  // A set may be cut by the service, which counts in full.
  const cut = typeof found === 'number' && cves.length < found
  return [[digest as Digest, { cves, truncated: cut || truncated === true || truncated === 1 }]]
}

function cveOf(text: string, known: Map<string, Cve>): readonly Cve[] {
  const seen = known.get(text)
  if (seen !== undefined) return [seen]
  const [, rank, fixable, id] = /^([0-4]) ([01]) (.+)$/s.exec(text) ?? []
  if (id === undefined) return []
  const cve = { id, severity: BY_RANK[Number(rank)] ?? 'unknown', fixable: fixable === '1' }
  known.set(text, cve)
  return [cve]
}

/** No row means nothing by itself: the plan is off, the identity sees nothing, or nothing was scanned. */
async function whyNothing(host: string, azure: Management): Promise<Vulnerabilities> {
  const [records, registries, plans] = await Promise.all([
    azure.query(anyRecordOf(host), QUESTION),
    azure.query(subscriptionOf(host), QUESTION),
    azure.query(PLANS, QUESTION),
  ])
  if (records.rows.length > 0) return unknown('no-record')
  const subscriptions = new Set(registries.rows.map(({ subscriptionId }) => subscriptionId))
  const plan = plans.rows.find(({ subscriptionId }) => subscriptions.has(subscriptionId))
  if (plan === undefined) return unknown('no-permission')
  if (plan['tier'] !== 'Standard') return unknown('plan-off')
  return unknown(scansRegistries(plan['extensions']) ? 'not-scanned' : 'scanning-off')
}

/** Only an extension that says so is off (azure-rest-api-specs, Microsoft.Security/pricings). */
function scansRegistries(extensions: unknown): boolean {
  const all: readonly Partial<Record<string, unknown>>[] = Array.isArray(extensions) ? extensions : []
  const scanning = all.find(({ name }) => name === 'ContainerRegistriesVulnerabilityAssessments')
  return scanning?.['isEnabled'] !== 'False'
}

function unknownBecauseOf(error: unknown): Vulnerabilities {
  if (error instanceof ManagementError)
    return unknown(error.failure.kind === 'permission' ? 'no-permission' : 'failed', error.message)
  if (error instanceof RegistryError || error instanceof StoppedError) return unknown('failed', error.message)
  throw error
}

function unknown(reason: Ignorance, detail?: string): Vulnerabilities {
  return { kind: 'unknown', reason, detail }
}
