import type { Digest } from '../domain/digest.ts'
import { obstacleOf, type Obstacle } from '../domain/obstacle.ts'
import type { Document } from '../domain/snapshot.ts'
import { surveyOf, type Judgement, type Survey } from '../domain/survey.ts'
import { RegistryError } from '../errors.ts'
import type { RepositoryReader } from '../ports.ts'
import { RepositoryScan, type RepositoryScanOptions } from './scan-repository.ts'

export interface SurveyOptions extends Omit<RepositoryScanOptions, 'rules'> {
  /** Asked for once the first answer is there, since the time is the registry's. */
  readonly rules: () => Judgement
  /** What is due will be deleted, so that everything that could stand against it has to be known. */
  readonly deleting: boolean
}

/** A judged repository, and what was read of it. */
export interface Surveyed {
  readonly survey: Survey
  readonly documents: ReadonlyMap<Digest, Document>
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
  const { rules, deleting, known } = options
  const scan = new RepositoryScan(repository, reader, { ...options, known })
  await scan.read()
  const found = surveyOf(scan.snapshot, rules())
  if (!deleting || !isAnythingDue(found)) return resultOf(scan, found)
  const attributes = await reader.attributes()
  if (attributes?.manifestCount === scan.listed) {
    return await prepared(scan, obstacleOf(attributes, scan.listed), rules)
  }
  // Something may have been pushed or deleted while the list was read: once more tells.
  const again = new RepositoryScan(repository, reader, { ...options, known: scan.snapshot.documents })
  await again.read()
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

function resultOf({ snapshot }: RepositoryScan, survey: Survey): Surveyed {
  return { survey, documents: snapshot.documents }
}
