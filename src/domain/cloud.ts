/** What differs between Azure's clouds for signing in. */
export interface Cloud {
  /** Where Microsoft Entra issues tokens. */
  readonly authorityHost: string
  /** Whom a GitHub OIDC token must be meant for so that Entra takes it as an assertion. */
  readonly oidcAudience: string
  /** The scope of Azure Resource Manager, which older registries take in place of their own. */
  readonly armScope: string
}

const PUBLIC: Cloud = {
  authorityHost: 'https://login.microsoftonline.com',
  oidcAudience: 'api://AzureADTokenExchange',
  armScope: 'https://management.azure.com/.default',
}

const BY_SUFFIX: Readonly<Record<string, Cloud>> = {
  '.azurecr.us': {
    authorityHost: 'https://login.microsoftonline.us',
    oidcAudience: 'api://AzureADTokenExchangeUSGov',
    armScope: 'https://management.usgovcloudapi.net/.default',
  },
  '.azurecr.cn': {
    authorityHost: 'https://login.chinacloudapi.cn',
    oidcAudience: 'api://AzureADTokenExchangeChina',
    armScope: 'https://management.chinacloudapi.cn/.default',
  },
}

/** The cloud of a registry by its host; a host that is not Azure's own counts as public. */
export function cloudOf(host: string): Cloud {
  const suffix = Object.keys(BY_SUFFIX).find((candidate) => host.endsWith(candidate))
  return (suffix === undefined ? undefined : BY_SUFFIX[suffix]) ?? PUBLIC
}

/**
 * What the registry's own tokens are asked for with, in every cloud. Tokens for Azure Resource Manager work too unless the
 * registry refuses them (azureADAuthenticationAsArmPolicy).
 */
export const REGISTRY_SCOPE = 'https://containerregistry.azure.net/.default'
