type Environment = Readonly<Record<string, string | undefined>>

/** What completes AZURE_TENANT_ID and AZURE_CLIENT_ID: the first two for EnvironmentCredential, the last for WorkloadIdentityCredential. */
const PROOFS = ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_FEDERATED_TOKEN_FILE']

export function isAzureEnvironmentComplete(environment: Environment): boolean {
  const has = (name: string): boolean => (environment[name] ?? '') !== ''
  return has('AZURE_TENANT_ID') && has('AZURE_CLIENT_ID') && PROOFS.some(has)
}

/** Without secret and certificate the federated token is meant. */
export function isWorkloadIdentity(environment: Environment): boolean {
  return (environment['AZURE_CLIENT_SECRET'] ?? environment['AZURE_CLIENT_CERTIFICATE_PATH'] ?? '') === ''
}
