import type { Digest } from '../domain/digest.ts'
import { obstacleOf, type Obstacle } from '../domain/obstacle.ts'
import type { Document } from '../domain/snapshot.ts'
import { surveyOf, type Judgement, type Survey } from '../domain/survey.ts'
import { RegistryError } from '../errors.ts'
import type { RepositoryReader } from '../ports.ts'
import type { ImageSource } from './newest-images.ts'
import { RepositoryScan, type RepositoryScanOptions } from './scan-repository.ts'

export interface SurveyOptions extends Omit<RepositoryScanOptions, 'rules'> {
  /** Asked for once the first answer is there, since the time is the registry's. */
  readonly rules: () => Judgement
  /** What earlier runs read. Good enough to judge by, not to delete by. */
  readonly remembered: ReadonlyMap<Digest, Document>
  /** What is due will be deleted, so that everything that could stand against it has to be known. */
  readonly deleting: boolean
}

/** A judged repository, and what was read of it. */
export interface Surveyed {
  readonly survey: Survey
  readonly documents: ReadonlyMap<Digest, Document>
  readonly sources: ReadonlyMap<Digest, ImageSource>
}

/**
 * Reads and judges one repository. When something in it is to be deleted, more is read: the repository's own attributes and
 * every manifest that might refer to another.
 *
 * @throws RegistryError as soon as something could not be read: then nothing in the repository can be judged
 */
export async function surveyRepository(
  repository: string,
  reader: RepositoryReader,
  options: SurveyOptions,
): Promise<Surveyed> {
  const { rules, deleting, known, remembered } = options
  const first = new RepositoryScan(repository, reader, {
    ...options,
    known: known.size === 0 ? remembered : known,
  })
  await first.read()
  const found = surveyOf(first.snapshot, rules())
  if (!deleting || !isAnythingDue(found)) return resultOf(first, found)
  const anew = async (read: ReadonlyMap<Digest, Document>): Promise<RepositoryScan> => {
    const scan = new RepositoryScan(repository, reader, { ...options, known: read })
    await scan.read()
    return scan
  }
  // Nothing is deleted on what an earlier run says.
  const scan = remembered.size === 0 ? first : await anew(first.fresh)
  const attributes = await reader.attributes()
  if (attributes?.manifestCount === scan.listed) {
    return await prepared(scan, obstacleOf(attributes, scan.listed), rules)
  }
  // Something may have been pushed or deleted while the list was read: once more tells.
  const again = await anew(scan.snapshot.documents)
  return await prepared(again, obstacleOf(await reader.attributes(), again.listed), rules)
}

async function prepared(
  scan: RepositoryScan,
  standing: Obstacle | undefined,
  rules: () => Judgement,
): Promise<Surveyed> {
  const obstacle = standing ?? (await referrersUnread(scan))
  return resultOf(scan, { ...surveyOf(scan.snapshot, rules()), obstacle })
}

/** @returns the obstacle when some could not be read */
async function referrersUnread(scan: RepositoryScan): Promise<Obstacle | undefined> {
  try {
    await scan.readAllReferrers()
    return undefined
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    return { kind: 'unknown', why: error.message }
  }
}

function isAnythingDue({ lots }: Survey): boolean {
  return lots.some(({ fate }) => fate.kind === 'due')
}

function resultOf({ snapshot, sources }: RepositoryScan, survey: Survey): Surveyed {
  return { survey, documents: snapshot.documents, sources }
}
