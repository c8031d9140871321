/** One `acr purge` of a task, as far as its flags tell what it does. */
export interface PurgeCommand {
  /** `tags`: it removes tags, and leaves their images behind. `manifests`: it deletes untagged manifests, too. */
  readonly deletes: 'tags' | 'manifests'
  /** It only says what it would do. */
  readonly dryRun: boolean
  /** It unlocks what is locked, and deletes it. */
  readonly includesLocked: boolean
  /** It waits until what it deletes has some age. */
  readonly hasAge: boolean
}

/** By its alias in tasks, or by the image that this stands for: `mcr.microsoft.com/acr/acr-cli:0.14 purge`. */
const PURGE = /\bacr(?:-cli[\w.:@-]{0,200})?\s+purge\b/

/** No task is longer; what somebody made so is not worth the time. */
const LONGEST_TASK = 200_000

/**
 * Every kind of `acr purge` in the steps of a task, a YAML file of commands that may be folded over several lines. A command
 * ends where the next step or property begins; steps that differ in nothing but their filters are one.
 */
export function purgeCommandsIn(steps: string): readonly PurgeCommand[] {
  const lines = steps
    .slice(0, LONGEST_TASK)
    .split(/\r?\n/)
    .filter((line) => !/^\s*#/.test(line))
  const text = lines.map((line) => (/^\s*(?:- |\w+:)/.test(line) ? `\n${line}` : ` ${line}`)).join('')
  const commands = text.split('\n').flatMap((command) => command.split(PURGE).slice(1).map(commandOf))
  return [...new Map(commands.map((command) => [JSON.stringify(command), command])).values()]
}

/** Flags of Azure/acr-cli, cmd/acr/purge.go. */
function commandOf(flags: string): PurgeCommand {
  const has = (flag: string): boolean =>
    new RegExp(`(?:^|\\s)--${flag}(?:=(?:true|TRUE|True|1|t|T))?(?=\\s|$|["'\`;&|])`).test(flags)
  // What is no length of time, or none at all, waits for nothing (Azure/acr-cli, cmd/acr/purge.go: parseDuration).
  const hasAge = /(?:^|\s)--ago[=\s]["']?(?:\d*[1-9]\d*d|(?:\d+d)?\d*[1-9]\d*(?:\.\d+)?[hms])/.test(flags)
  return {
    deletes: has('untagged') || has('untagged-only') ? 'manifests' : 'tags',
    dryRun: has('dry-run'),
    includesLocked: has('include-locked'),
    hasAge,
  }
}
