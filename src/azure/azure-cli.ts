import { access, constants, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Whether `az` is there and somebody is logged in, from its files alone: starting `az` takes a second. `azure/login` leaves
 * nothing but this profile.
 */
export async function isAzureCliLoggedIn(environment: Environment): Promise<boolean> {
  return (await isOnPath(environment)) && (await hasSubscription(environment))
}

async function isOnPath({ PATH = '' }: Environment): Promise<boolean> {
  const names = process.platform === 'win32' ? ['az.cmd', 'az.exe'] : ['az']
  const files = PATH.split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => names.map((name) => join(folder, name)))
  const found = await Promise.all(
    files.map((file) =>
      access(file, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.includes(true)
}

/** A login to a tenant without subscription is listed as one too ("N/A(tenant level account)"). */
async function hasSubscription({ AZURE_CONFIG_DIR }: Environment): Promise<boolean> {
  try {
    const text = await readFile(
      join(AZURE_CONFIG_DIR ?? join(homedir(), '.azure'), 'azureProfile.json'),
      'utf8',
    )
    // The Azure CLI writes the file with a byte order mark.
    const profile = JSON.parse(text.replace(/^\uFEFF/, '')) as { readonly subscriptions?: unknown } | null
    const subscriptions = profile?.subscriptions
    return Array.isArray(subscriptions) && subscriptions.length > 0
  } catch {
    return false
  }
}
