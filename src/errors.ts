/**
 * Every error a request can end with: its name, its Handle response code (RFC 3652 section 2.2.2.3) and the HTTP status
 * that the Handle JSON API gives it. Nothing else in the node decides a status or a response code.
 */
export const errorTable = {
  UPSTREAM_UNAVAILABLE: { responseCode: 3, status: 503 },
  REFERRAL_LOOP: { responseCode: 2, status: 500 },
  ALIAS_LOOP: { responseCode: 2, status: 500 },
  INTERNAL: { responseCode: 2, status: 500 },
  SERVER_BUSY: { responseCode: 3, status: 503 },
  SHUTTING_DOWN: { responseCode: 3, status: 503 },
  STORE_UNAVAILABLE: { responseCode: 3, status: 503 },
  STORE_FULL: { responseCode: 3, status: 503 },
  STORE_OUTCOME_UNKNOWN: { responseCode: 3, status: 503 },
  MALFORMED_REQUEST: { responseCode: 4, status: 400 },
  REQUEST_TOO_LARGE: { responseCode: 4, status: 413 },
  HEADER_TOO_LARGE: { responseCode: 4, status: 431 },
  REQUEST_TIMEOUT: { responseCode: 4, status: 408 },
  NOT_SUPPORTED: { responseCode: 5, status: 501 },
  HANDLE_NOT_FOUND: { responseCode: 100, status: 404 },
  HANDLE_EXISTS: { responseCode: 101, status: 409 },
  INVALID_HANDLE: { responseCode: 102, status: 400 },
  VALUES_NOT_FOUND: { responseCode: 200, status: 400 },
  PREFIX_STATE: { responseCode: 101, status: 409 },
  PREFIX_SUSPENDED: { responseCode: 301, status: 400 },
  VALUE_EXISTS: { responseCode: 201, status: 409 },
  INVALID_VALUE: { responseCode: 202, status: 400 },
  NOT_RESPONSIBLE: { responseCode: 301, status: 400 },
  NOT_PERMITTED: { responseCode: 400, status: 403 },
  AUTHENTICATION_NEEDED: { responseCode: 402, status: 401 },
  AUTHENTICATION_FAILED: { responseCode: 402, status: 401 },
} as const satisfies Record<string, { responseCode: number; status: number }>

export type ErrorCode = keyof typeof errorTable

/** The response code of success; `valuesNotFound` is also an answer, with an empty list of values. */
export const responseCodes = { success: 1, valuesNotFound: 200 } as const

/** A request that ends with something other than success: the code is stable, the message free text. */
export class HandleError extends Error {
  override readonly name = 'HandleError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  get responseCode(): number {
    return errorTable[this.code].responseCode
  }

  get status(): number {
    return errorTable[this.code].status
  }
}

/** Why a node, a store or a tool cannot start: shown to the operator, who has to act. */
export const startupErrorCodes = [
  'CONFIG_INVALID',
  'STORE_LOCKED',
  'STORE_FOREIGN_DIRECTORY',
  'STORE_CORRUPT',
  'STORE_FORMAT_NEWER',
  'STORE_HALF_LOADED',
  'STORE_UNREADABLE',
  'STORE_UNREACHABLE',
  'STORE_SCHEMA_MISSING',
  'ADDRESS_IN_USE',
  'WORKERS_FAILED',
  'NODE_BUSY',
  'REFUSED',
] as const
export type StartupErrorCode = (typeof startupErrorCodes)[number]

/** Thrown before the node serves: what was changed on disk by then has been told, the message says what to do. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
  readonly code: StartupErrorCode

  constructor(code: StartupErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
