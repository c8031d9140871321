/** The tables of Resource Graph that there are something in. */
export type GraphTable = 'resources' | 'resourcecontainers' | 'securityresources' | 'authorizationresources'

/** What Resource Manager knows of a thing. Whatever is in it can be changed at any time. */
export interface Resource {
  readonly id: string
  readonly name: string
  /** As Resource Manager spells it; Resource Graph shows it in lower case. */
  readonly type: string
  readonly subscriptionId: string
  readonly resourceGroup: string | undefined
  /** Where Resource Graph has it; what is only known to its provider is nowhere. */
  readonly table: GraphTable | undefined
  location?: string
  kind?: string
  tags?: Record<string, string>
  sku?: Record<string, unknown>
  identity?: Record<string, unknown>
  properties: Record<string, unknown>
  /** What `listUsages` says of a registry. */
  usages?: readonly Usage[]
}

export interface Usage {
  readonly name: string
  readonly limit: number
  currentValue: number
  readonly unit: 'Bytes' | 'Count'
}

/** Letters of ids are compared without case. */
export function sameId(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase()
}

/** Whether something is a scope or below it. */
export function isWithin(id: string, scope: string): boolean {
  const [inner, outer] = [id.toLowerCase(), scope.toLowerCase().replace(/\/$/, '')]
  return inner === outer || inner.startsWith(`${outer}/`)
}
