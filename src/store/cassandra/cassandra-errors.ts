import { errors, types } from 'cassandra-driver'
import { type ErrorCode, HandleError } from '../../errors.ts'

/** A conditional write of whose outcome the coordinator is not sure; the driver has no name for it. */
const casWriteUnknown = 0x1700

/**
 * What each error of the cluster means to a Handle client; the code decides response code and status (`errors.ts`).
 * Numbers are those of the native protocol, version 5, section 9.
 */
const codeByResponse: Readonly<Record<number, ErrorCode>> = {
  [types.responseErrorCodes.unavailableException]: 'STORE_UNAVAILABLE',
  [types.responseErrorCodes.writeTimeout]: 'STORE_UNAVAILABLE',
  [types.responseErrorCodes.readTimeout]: 'STORE_UNAVAILABLE',
  [types.responseErrorCodes.readFailure]: 'STORE_UNAVAILABLE',
  [types.responseErrorCodes.writeFailure]: 'STORE_UNAVAILABLE',
  [types.responseErrorCodes.isBootstrapping]: 'STORE_UNAVAILABLE',
  [types.responseErrorCodes.truncateError]: 'STORE_UNAVAILABLE',
  [types.responseErrorCodes.overloaded]: 'SERVER_BUSY',
  [types.responseErrorCodes.badCredentials]: 'STORE_UNAVAILABLE',
  [types.responseErrorCodes.unauthorized]: 'STORE_UNAVAILABLE',
  [casWriteUnknown]: 'STORE_OUTCOME_UNKNOWN',
}

/** An error of the driver as one of the node's: whatever is not the world's mistake is ours. */
export function cassandraError(doing: string, error: unknown): HandleError {
  if (error instanceof HandleError) return error
  const code = codeOf(error)
  const reason = reasonOf(error)
  return new HandleError(code, `the store failed while ${doing}: ${reason}`, { cause: error })
}

/** Whether a conditional write may have been made, or may still be, although no answer says so. */
export function isOutcomeUnknown(error: unknown): boolean {
  if (error instanceof errors.OperationTimedOutError) return true
  if (error instanceof errors.ResponseError) {
    const { writeTimeout, writeFailure } = types.responseErrorCodes
    return [writeTimeout, writeFailure, casWriteUnknown].includes(error.code)
  }
  return (
    error instanceof errors.NoHostAvailableError &&
    Object.values(error.innerErrors ?? {}).some(mayHaveBeenSent)
  )
}

/** Whether the same request may succeed a moment later, because others were in its way. */
export function mayPassSoon(error: unknown): boolean {
  return error instanceof errors.BusyConnectionError || codeOf(error) === 'SERVER_BUSY'
}

/** In words what went wrong: where several hosts failed, what the first of them said. */
export function reasonOf(error: unknown): string {
  if (error instanceof errors.NoHostAvailableError) {
    const [first] = Object.entries(error.innerErrors ?? {})
    return first === undefined
      ? 'no Cassandra host is up'
      : `no Cassandra host answered; ${first[0]}: ${messageOf(first[1])}`
  }
  return messageOf(error)
}

/** A connection that could not be made has sent nothing; one that broke may have. */
function mayHaveBeenSent(error: unknown): boolean {
  if (error instanceof errors.ResponseError) return isOutcomeUnknown(error)
  const code = (error as { code?: unknown }).code
  return code !== 'ECONNREFUSED'
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof errors.ResponseError) return codeByResponse[error.code] ?? 'INTERNAL'
  if (error instanceof errors.BusyConnectionError) return 'SERVER_BUSY'
  // A statement that the driver refuses to send is a mistake of this program.
  if (error instanceof errors.ArgumentError) return 'INTERNAL'
  return 'STORE_UNAVAILABLE'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
