import { digestOf } from './manifest.ts'

export interface Blob {
  readonly digest: string
  readonly size: number
  /** Undefined: known to be there, but nobody has its bytes. A function: made when asked for. */
  readonly content?: Uint8Array | (() => Uint8Array)
}

export function blobBytes(blob: Blob): Uint8Array | undefined {
  return typeof blob.content === 'function' ? blob.content() : blob.content
}

export interface Upload {
  readonly id: string
  readonly repository: string
  readonly chunks: Uint8Array[]
  size: number
}

/** Blob uploads that were begun and not finished. */
export class Uploads {
  readonly #open = new Map<string, Upload>()

  begin(id: string, repository: string): Upload {
    const upload: Upload = { id, repository, chunks: [], size: 0 }
    this.#open.set(id, upload)
    return upload
  }

  find(id: string, repository: string): Upload | undefined {
    const upload = this.#open.get(id)
    return upload?.repository === repository ? upload : undefined
  }

  append(upload: Upload, chunk: Uint8Array): void {
    if (chunk.length === 0) return
    upload.chunks.push(chunk)
    upload.size += chunk.length
  }

  /** Ends the upload: with the blob, or with nothing when the bytes are not what the digest says. */
  finish(upload: Upload, digest: string): Blob | undefined {
    const content = Buffer.concat(upload.chunks)
    this.#open.delete(upload.id)
    if (digestOf(content) !== digest) return undefined
    return { digest, size: content.length, content }
  }

  cancel(upload: Upload): void {
    this.#open.delete(upload.id)
  }
}
