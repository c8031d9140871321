import type { ContainerRegistryContentClient } from '@azure/container-registry'
import {
  createEmptyPipeline,
  createPipelineRequest,
  isRestError,
  proxyPolicy,
  type HttpClient,
  type PipelineResponse,
} from '@azure/core-rest-pipeline'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Digest } from '../domain/digest.ts'
import type { Origin } from '../domain/origin.ts'
import type { Milliseconds } from '../domain/duration.ts'
import { decodeLabels, WireError } from './wire.ts'

/** The configuration of an image is some kilobytes; what is larger is not read to its end. */
const LARGEST = 1024 * 1024

/** Nobody waits long for what is only told beside. */
const STORAGE_TIMEOUT: Milliseconds = 3_000

/**
 * Where registries keep their blobs: Azure Storage, or a data endpoint of their own (Microsoft Learn, "Azure Container
 * Registry: configure rules to access a registry behind a firewall").
 */
const STORAGE =
  /\.(?:blob\.core\.windows\.net|blob\.storage\.azure\.net|blob\.core\.usgovcloudapi\.net|blob\.core\.chinacloudapi\.cn|data\.azurecr\.(?:io|us|cn))$/

/**
 * What the labels in the configuration of an image say about where it comes from.
 *
 * @throws RestError or WireError when it could not be read; that there is nothing to be read is an answer
 */
export async function readLabels(
  content: ContainerRegistryContentClient,
  config: Digest,
  storage: HttpClient,
): Promise<Origin> {
  const bytes = await readBlob(content, config, storage)
  return bytes === undefined ? {} : labelsIn(bytes)
}

/** They match their digest: what cannot be understood now will never be. */
function labelsIn(bytes: Buffer): Origin {
  try {
    return decodeLabels(JSON.parse(bytes.toString('utf8')))
  } catch {
    return {}
  }
}

/** @returns undefined when it is too large or not there, or where nobody is sent for it */
async function readBlob(
  content: ContainerRegistryContentClient,
  digest: Digest,
  storage: HttpClient,
): Promise<Buffer | undefined> {
  const answer = await answerOf(content, digest)
  if (answer?.status !== 307) return answer && (await collected(answer, digest))
  const location = URL.parse(answer.headers.get('Location') ?? '')
  if (location?.protocol !== 'https:' || !STORAGE.test(location.hostname)) return undefined
  const timeout = AbortSignal.timeout(STORAGE_TIMEOUT)
  const { abortSignal: run } = answer.request
  const request = createPipelineRequest({
    url: location.href,
    // The answer came when the run was not stopped; this request ends with it, too.
    abortSignal: run === undefined ? timeout : AbortSignal.any([timeout, run as AbortSignal]),
    streamResponseStatusCodes: new Set([200]),
  })
  return await collected(await fromStorage(request, storage), digest)
}

/**
 * The SDK gets no further than the answer: it takes a redirect for a failure, and what it throws when the content does not
 * match the digest nobody can catch.
 *
 * @returns undefined when there is no such blob
 */
async function answerOf(
  content: ContainerRegistryContentClient,
  digest: Digest,
): Promise<PipelineResponse | undefined> {
  let answer: PipelineResponse | undefined
  try {
    await content.downloadBlob(digest, {
      onResponse: (response, _, failure) => {
        if (failure !== undefined) return
        answer = response
        throw new Error('enough')
      },
    })
  } catch (error) {
    if (answer === undefined && !(isRestError(error) && error.statusCode === 404)) throw error
  }
  return answer
}

/** Nothing but the way through a proxy: no credential, since the address has its own; no redirect to yet another place. */
async function fromStorage(
  request: ReturnType<typeof createPipelineRequest>,
  storage: HttpClient,
): Promise<PipelineResponse> {
  const pipeline = createEmptyPipeline()
  pipeline.addPolicy(proxyPolicy())
  try {
    return await pipeline.sendRequest(storage, request)
  } catch {
    throw new WireError('the storage does not answer')
  }
}

async function collected(
  { readableStreamBody }: PipelineResponse,
  digest: Digest,
): Promise<Buffer | undefined> {
  if (readableStreamBody === undefined) throw new WireError('there is no content')
  const hash = createHash('sha256')
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of readableStreamBody) {
      const bytes = Buffer.from(chunk)
      size += bytes.length
      // Leaving the loop ends the stream.
      if (size > LARGEST) return undefined
      hash.update(bytes)
      chunks.push(bytes)
    }
  } catch {
    throw new WireError('the content broke off')
  }
  if (digest !== `sha256:${hash.digest('hex')}`) throw new WireError('the content does not match its digest')
  return Buffer.concat(chunks)
}
