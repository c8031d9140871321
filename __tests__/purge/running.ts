import { parseDigest } from '../../src/domain/digest.ts'
import { Pins } from '../../src/domain/pin.ts'
import type { Neighbourhood } from '../../src/ports.ts'
import type { Report } from '../../src/report/report.ts'
import { run, type RunRequest } from '../../src/run.ts'
import { UNLIMITED } from '../domain/unlimited.ts'
import { Doors } from './doors.ts'
import type { DrawnWish } from './drawing.ts'
import { REPOSITORY } from './stock.ts'
import { IN_FLIGHT, type World } from './world.ts'

/** A run with `purge: true`. */
export async function purging(world: World, wish: DrawnWish): Promise<Report> {
  const doors = new Doors(world)
  const began = world.now
  const { report } = await run(requestOf(world, wish), {
    reader: doors,
    deleter: doors,
    neighbourhood: NOBODY,
    defender: undefined,
    azureRequests: () => 0,
    log: { info: () => undefined, notice: () => undefined },
    elapsed: () => world.now - began,
    sleep: async (length) => world.registry.clock.advance(length),
  })
  return report
}

/** Nobody runs anything, and nobody asks. */
const NOBODY: Neighbourhood = {
  deployed: async () => ({ kind: 'off' }),
  audit: async () => undefined,
  cacheRules: async () => [],
}

function requestOf(world: World, wish: DrawnWish): RunRequest {
  const pins = [...world.pins].flatMap((text) => {
    const digest = parseDigest(text)
    return digest === undefined ? [] : [{ digest, repository: REPOSITORY, source: 'pins' }]
  })
  return {
    wanted: { host: 'registry', repositories: [], images: undefined, allowNoMatch: false },
    thresholds: UNLIMITED,
    inFlight: IN_FLIGHT,
    concurrency: wish.concurrency,
    policy: { ...wish, orphanAge: 'observed' },
    keepNewest: wish.keepNewest,
    allowEmptyRepository: wish.allowEmptyRepository,
    pins: new Pins(pins),
    pinFiles: [],
    recalled: async () => undefined,
    server: undefined,
  }
}
