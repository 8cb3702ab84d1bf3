/**
 * Encoded records in one buffer, fit to be handed from thread to thread: key, record, key, record … in `bytes`, and in
 * `ends` where each of them ends.
 */
export type BulkBatch = {
  readonly bytes: Uint8Array
  readonly ends: Uint32Array
  readonly records: number
  /** Which naming prefixes the records are under, in their order. */
  readonly prefixes: readonly PrefixRun[]
}

/** So many records in a row under one naming prefix. */
export type PrefixRun = { readonly prefix: string; readonly records: number }
