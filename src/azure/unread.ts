import { ManagementError, RegistryError, StoppedError } from '../errors.ts'

/** Whether another attempt may succeed, as opposed to one that is not allowed. */
export function isTransient(error: unknown): boolean {
  const failed = error instanceof ManagementError || error instanceof RegistryError
  return failed && ['server', 'throttled', 'unreachable', 'not-json'].includes(error.failure.kind)
}

/**
 * Why something could not be read, with what to do about it.
 *
 * @throws the error itself when it is a bug
 */
export function whyUnread(error: unknown): string {
  const expected =
    error instanceof ManagementError || error instanceof RegistryError || error instanceof StoppedError
  if (expected) return error.message
  throw error
}
