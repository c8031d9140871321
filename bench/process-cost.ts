import { readFileSync } from 'node:fs'

/** What a process has used up so far, as Linux tells it; other systems do not. */
export interface ProcessCost {
  readonly peakBytes: number
  readonly cpuSeconds: number
}

/** The unit of processor time in /proc: a hundredth of a second on every architecture that Node has a Linux build for. */
const TICKS_PER_SECOND = 100

/**
 * From the outside, because a measuring process must not change what it measures. `VmHWM` is the highest resident set
 * that the kernel has seen, whenever it is asked; `maxrss` would start with that of the parent.
 */
export function costOf(pid: number): ProcessCost | undefined {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the command in parentheses, which may hold spaces; utime and stime are the 14th and 15th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    if (peak === undefined || Number.isNaN(ticks)) return undefined
    return { peakBytes: Number(peak) * 1024, cpuSeconds: ticks / TICKS_PER_SECOND }
  } catch {
    // It has ended, or this is no Linux.
    return undefined
  }
}

/** Processor time that the whole machine has spent on anything since it was started. */
export function machineBusySeconds(): number | undefined {
  try {
    const fields = /^cpu +(.+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]?.split(' ').map(Number) ?? []
    const [user = NaN, nice = NaN, system = NaN, , , interrupts = 0, softInterrupts = 0] = fields
    const busy = user + nice + system + interrupts + softInterrupts
    return Number.isNaN(busy) ? undefined : busy / TICKS_PER_SECOND
  } catch {
    return undefined
  }
}
