import type { Cloud } from '../domain/cloud.ts'
import { REGISTRY_SCOPE } from '../domain/cloud.ts'
import type { EntraTokens } from './entra.ts'
import { isUnknownResource } from './entra-failure.ts'

/** Tokens of Microsoft Entra that a registry takes, and whether they had to be those of Azure Resource Manager. */
export interface RegistryTokens {
  token(): Promise<string>
  readonly forResourceManager: boolean
}

/**
 * Asks for tokens meant for container registries. Where a cloud does not know that audience, those of Azure Resource
 * Manager are taken, which registries accept unless told not to.
 */
export function registryTokens(entra: EntraTokens, { armScope }: Cloud): RegistryTokens {
  let scope = REGISTRY_SCOPE
  return {
    async token() {
      try {
        return await entra.token(scope)
      } catch (error) {
        if (scope !== REGISTRY_SCOPE || !isUnknownResource(error)) throw error
        scope = armScope
        return await entra.token(scope)
      }
    },
    get forResourceManager() {
      return scope === armScope
    },
  }
}
