import { ManagementError, RegistryError, StoppedError } from '../errors.ts'

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
