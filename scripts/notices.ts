import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly license?: string
}

/**
 * The licence of every package that the action depends on, from the lock file: none is forgotten, whichever chunk it is
 * bundled into.
 *
 * @throws Error when a package has no licence text: it must not be shipped before somebody has looked at it
 */
export function thirdPartyNotices(root: string): string {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>
  }
  const notices = Object.entries(lock.packages)
    .filter(([path, { dev, optional }]) => path !== '' && dev !== true && optional !== true)
    .map(([path, { version, license }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
      return {
        title: `${name} ${version ?? ''} (${license ?? 'see text'})`,
        text: licenceText(join(root, path), root),
      }
    })
    .sort((a, b) => (a.title < b.title ? -1 : 1))
  const rule = '-'.repeat(80)
  const intro = 'ACR Hygiene Gate contains the following third-party packages.'
  return `${[intro, ...notices.map(({ title, text }) => `${rule}\n${title}\n${rule}\n\n${text}`)].join('\n\n')}\n`
}

function licenceText(folder: string, root: string): string {
  const files = readdirSync(folder).filter((name) => /^(licen[sc]e|notice|thirdpartynotice)/i.test(name))
  const texts = files
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim())
  return texts.length === 0 ? declaredLicence(folder, root) : texts.join('\n\n')
}

interface Manifest {
  readonly license?: string
  readonly author?: string | { readonly name?: string }
}

/** Some packages name the MIT licence and its holder, and leave its text out; it is the one that this project has, too. */
function declaredLicence(folder: string, root: string): string {
  const { license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const holder = typeof author === 'string' ? author : author?.name
  if (license !== 'MIT' || holder === undefined) throw new Error(`${folder} has no licence text`)
  const own = readFileSync(join(root, 'LICENSE'), 'utf8').trim()
  return `MIT License\n\nCopyright (c) ${holder}\n\n${own.slice(own.indexOf('Permission is hereby granted'))}`
}
