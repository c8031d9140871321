import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Blob {
  readonly digest: string
  readonly size: number
}

/**
 * An OCI layout with one manifest that refers to another, as oras attach and cosign make them; neither is a package of
 * Debian 12. Copied to a registry by digest it becomes an untagged referrer.
 *
 * @returns the digest of the referrer
 */
export function writeReferrerLayout(folder: string, subject: Blob & { readonly mediaType: string }): string {
  const blobs = join(folder, 'blobs/sha256')
  mkdirSync(blobs, { recursive: true })
  const write = (content: string): Blob => {
    const hex = createHash('sha256').update(content).digest('hex')
    writeFileSync(join(blobs, hex), content)
    return { digest: `sha256:${hex}`, size: Buffer.byteLength(content) }
  }
  const config = write('{}')
  const layer = write(JSON.stringify({ spdxVersion: 'SPDX-2.3', about: subject.digest }))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = write(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      artifactType: 'application/spdx+json',
      config: { mediaType: 'application/vnd.oci.empty.v1+json', ...config },
      layers: [{ mediaType: 'application/spdx+json', ...layer }],
      subject,
    }),
  )
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  writeFileSync(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, ...manifest }] }),
  )
  return manifest.digest
}
