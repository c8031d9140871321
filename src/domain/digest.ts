declare const brand: unique symbol

/** A content digest, `algorithm:hex`. Only `parseDigest` makes one. */
export type Digest = string & { readonly [brand]: 'Digest' }

/** The grammar of the OCI image specification (descriptor.md, Digests). */
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]{32,}$/

/** @returns the digest, or undefined when the text is none */
export function parseDigest(text: string): Digest | undefined {
  return DIGEST.test(text) ? (text as Digest) : undefined
}

/**
 * cosign stores signatures, attestations and SBOMs under `sha256-<hex>.sig`, `.att` and `.sbom`; clients without the
 * referrers API keep the list of referrers under `sha256-<hex>` (OCI distribution specification, referrers tag schema).
 */
const DIGEST_TAG = /^sha256-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/

/** @returns the digest of the manifest that a digest tag describes, or undefined for an ordinary tag */
export function subjectOfDigestTag(tag: string): Digest | undefined {
  const hex = DIGEST_TAG.exec(tag)?.[1]
  return hex === undefined ? undefined : (`sha256:${hex}` as Digest)
}

/** The first 12 hex digits behind the algorithm: enough to recognise a digest, as docker shows it. */
export function shortDigest(digest: Digest): string {
  const colon = digest.indexOf(':')
  return digest.slice(0, colon + 1 + 12)
}
