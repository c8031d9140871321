/**
 * A registry in a process of its own, so that neither its memory nor its processor time counts as the action's. Started by
 * registry.ts with the name of a picture; tells its address once it serves, and ends with the process that started it.
 */
import { startEmulator, type Registry } from '../emulator/index.ts'
import { contentsOf, type Contents, type HeldManifest } from './lower-bound.ts'
import { pictures, type PictureName } from './pictures.ts'

/** What the program tells about itself. */
export interface Ready {
  readonly url: string
  readonly host: string
  readonly certificateFile: string
  readonly contents: Contents
}

const picture = pictures[process.argv[2] as PictureName]
const emulator = await startEmulator({ seed: picture })
process.once('disconnect', () => void emulator.close().then(() => process.exit(0)))
const { url, host, certificateFile } = emulator
process.send?.({ url, host, certificateFile, contents: contentsOf(held(emulator.registry)) } satisfies Ready)

function* held({ state }: Registry): Generator<HeldManifest[]> {
  for (const name of state.names()) {
    const manifests = [...(state.repository(name)?.manifests.values() ?? [])]
    yield manifests.map(({ digest, mediaType, tags, children = [] }) => ({
      digest,
      mediaType,
      tagged: tags !== undefined,
      children: children.map((child) => child.digest),
    }))
  }
}
