import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { generate } from 'selfsigned'

export interface Certificate {
  readonly key: string
  /** The server's certificate, with that of its authority behind it. */
  readonly chain: string
  /** What a client has to trust. */
  readonly authority: string
}

/** Where the authority's certificate was written, and how to take it away again. */
export interface CertificateFile {
  readonly path: string
  remove(): void
}

const day = 86_400_000
const made = new Map<string, Promise<Certificate>>()
let authority: ReturnType<typeof makeAuthority> | undefined

/**
 * A certificate for loopback and the names given, by an authority that lives as long as this process and is the same for all
 * its servers: who trusts one trusts all. Signed by an authority rather than by itself, because some clients refuse a server
 * certificate that is its own authority.
 */
export function certificateFor(names: readonly string[]): Promise<Certificate> {
  const key = [...names].sort().join(' ')
  const present = made.get(key)
  if (present !== undefined) return present
  const certificate = makeCertificate(names)
  made.set(key, certificate)
  return certificate
}

/** Without a path: `ca.crt` in a folder of its own, which is the form that --cert-dir of skopeo and buildah wants. */
export function writeAuthority(certificate: Certificate, path?: string): CertificateFile {
  if (path !== undefined) mkdirSync(dirname(path), { recursive: true })
  const file = path ?? join(mkdtempSync(join(tmpdir(), 'acr-emulator-')), 'ca.crt')
  writeFileSync(file, certificate.authority)
  return {
    path: file,
    remove: () => rmSync(path === undefined ? dirname(file) : file, { recursive: true, force: true }),
  }
}

function makeAuthority() {
  return generate([{ name: 'commonName', value: 'ACR emulator authority' }], {
    ...lifetime(),
    ...keyOptions,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
}

async function makeCertificate(names: readonly string[]): Promise<Certificate> {
  authority ??= makeAuthority()
  const issuer = await authority
  const server = await generate([{ name: 'commonName', value: 'ACR emulator' }], {
    ...lifetime(),
    ...keyOptions,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
          ...['localhost', ...names].map((value) => ({ type: 2 as const, value })),
        ],
      },
    ],
    ca: { key: issuer.private, cert: issuer.cert },
  })
  const chain = [server.cert, issuer.cert].map(withNewline).join('')
  return { key: server.private, chain, authority: withNewline(issuer.cert) }
}

/** Of the machine's time, not of the registry's: that is what clients check it with. */
function lifetime(): { readonly notBeforeDate: Date; readonly notAfterDate: Date } {
  return { notBeforeDate: new Date(Date.now() - day), notAfterDate: new Date(Date.now() + 365 * day) }
}

const keyOptions = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const

function withNewline(pem: string): string {
  return `${pem.trim()}\n`
}
