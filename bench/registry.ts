import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import type { Counts, LoggedRequest, Switches } from '../emulator/index.ts'
import type { Contents } from './lower-bound.ts'
import type { PictureName } from './pictures.ts'
import type { Ready } from './registry-program.ts'

/** A registry in another process, seen through its control interface. */
export interface BenchRegistry {
  readonly pid: number
  readonly url: string
  readonly host: string
  readonly certificateFile: string
  readonly contents: Contents
  switchTo(switches: Partial<Switches>): Promise<void>
  /** Begins the log and the minutes of its limits anew. */
  reset(): Promise<void>
  counts(): Promise<Counts>
  requests(): Promise<readonly LoggedRequest[]>
  manifestsLeft(): Promise<number>
  [Symbol.asyncDispose](): Promise<void>
}

/** Code that has never run is slow, and a registry's has always run: so many requests make up for it. */
const WARM_UP = 50

export async function openRegistry(picture: PictureName): Promise<BenchRegistry> {
  const child = fork(join(import.meta.dirname, 'registry-program.ts'), [picture])
  const { url, host, certificateFile, contents } = await readyOf(child)
  const ca = readFileSync(certificateFile, 'utf8')
  const ask = <Answer>(method: string, item: string, body?: object): Promise<Answer> =>
    control<Answer>({ url: `${url}/_emulator/${item}`, method, ca, body })
  for (let number = 0; number < WARM_UP; number += 1) await ask('GET', 'counts')
  return {
    pid: child.pid ?? 0,
    url,
    host,
    certificateFile,
    contents,
    switchTo: (switches) => ask('PATCH', 'switches', switches),
    reset: () => ask('POST', 'reset'),
    counts: () => ask<Counts>('GET', 'counts'),
    requests: async () => (await ask<{ requests: LoggedRequest[] }>('GET', 'log')).requests,
    manifestsLeft: async () => {
      const { repositories } = await ask<{ repositories: { manifests: number }[] }>('GET', 'repositories')
      return repositories.reduce((total, { manifests }) => total + manifests, 0)
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

async function readyOf(child: ChildProcess): Promise<Ready> {
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the registry ended with ${code} before it served`)
  })
  const [ready] = (await Promise.race([once(child, 'message'), failed])) as [Ready]
  // It ends some day in any case.
  failed.catch(() => undefined)
  return ready
}

interface ControlRequest {
  readonly url: string
  readonly method: string
  readonly ca: string
  readonly body: object | undefined
}

async function control<Answer>({ url, method, ca, body }: ControlRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const call = request(url, { method, ca, agent: false }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', reject)
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      if (response.statusCode === 200) resolve(text)
      else reject(new Error(`${method} ${url} was answered with ${response.statusCode}: ${text}`))
    })
  })
  call.on('error', reject)
  call.end(body === undefined ? undefined : JSON.stringify(body))
  return JSON.parse(await promise) as Answer
}
