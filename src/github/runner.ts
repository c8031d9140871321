import * as core from '@actions/core'
import type { Log } from '../ports.ts'

/** The GitHub Actions runner: the only place that writes to the log, to outputs and to the job summary. */
export class Runner implements Log {
  info(text: string): void {
    core.info(plain(text))
  }

  notice(text: string): void {
    core.notice(plain(text))
  }

  warning(text: string): void {
    core.warning(plain(text))
  }

  error(text: string): void {
    core.error(plain(text))
  }

  /** Lines that are folded under a title. */
  group(title: string, lines: readonly string[]): void {
    core.startGroup(plain(title))
    for (const line of lines) this.info(line)
    core.endGroup()
  }

  output(name: string, value: string): void {
    core.setOutput(name, value)
  }

  /** From now on the runner shows stars wherever this text would appear in the log. */
  mask(secret: string): void {
    core.setSecret(secret)
  }

  /** A token that proves which workflow this is; masked by the toolkit itself. */
  idToken(audience: string): Promise<string> {
    return core.getIDToken(audience)
  }

  /** Old runners of GitHub Enterprise Server and local ones have no summary: that is worth a line, not a failure. */
  async summary(markdown: string): Promise<void> {
    try {
      await core.summary.addRaw(markdown).write()
    } catch (error) {
      this.info(
        `The job summary could not be written: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }

  fail(): void {
    process.exitCode = core.ExitCode.Failure
  }
}

/**
 * One line that the runner takes for text. A line that begins with `::`, or has `##[` anywhere, would be a command
 * (actions/runner, ActionCommand.cs), and a line break would begin a new one.
 */
function plain(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu, ' ')
    .replace(/^\s*::/, (start) => start.replace('::', ': :'))
    .replaceAll('##[', '# #[')
}
