import { describe, expect, test } from 'vitest'
import { isManifestType, kindOf, MANIFEST_MEDIA_TYPES } from '../../src/domain/media-type.ts'

test.each([
  ['application/vnd.oci.image.manifest.v1+json', 'image'],
  ['application/vnd.oci.image.index.v1+json', 'index'],
  ['application/vnd.docker.distribution.manifest.list.v2+json', 'index'],
  ['application/vnd.docker.distribution.manifest.v2+json', 'docker-image'],
  ['application/vnd.docker.distribution.manifest.v1+json', 'docker-image'],
  ['application/vnd.docker.distribution.manifest.v1+prettyjws', 'docker-image'],
  ['application/vnd.oci.artifact.manifest.v1+json', 'artifact'],
  ['application/vnd.cncf.oras.artifact.manifest.v1+json', 'artifact'],
])('%s is a manifest: %s', (type, kind) => {
  expect(kindOf(type)).toBe(kind)
  expect(isManifestType(type)).toBe(true)
  expect(MANIFEST_MEDIA_TYPES).toContain(type)
})

describe('everything else is unknown, and no manifest by its type alone', () => {
  test.each([
    '',
    'application/json',
    'application/vnd.oci.image.config.v1+json',
    'application/vnd.oci.image.layer.v1.tar+gzip',
    'application/vnd.docker.image.rootfs.diff.tar.gzip',
    'application/vnd.oci.image.manifest.v2+json',
    'APPLICATION/VND.OCI.IMAGE.INDEX.V1+JSON',
    'application/vnd.oci.image.index.v1+json; charset=utf-8',
    'constructor',
    'toString',
    '__proto__',
    'hasOwnProperty',
  ])('%j', (type) => {
    expect(kindOf(type)).toBe('unknown')
    expect(isManifestType(type)).toBe(false)
  })
})
