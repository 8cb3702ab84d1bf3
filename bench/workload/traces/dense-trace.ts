/**
 * A request stream whose objects were numbered 0, 1, 2 … in the order of their first request: done once per trace, so that
 * every policy × size run over it indexes typed arrays and hashes nothing.
 */
export type DenseTrace = {
  readonly requests: number
  readonly objects: number
  /** The object of each request. */
  readonly objectOf: Uint32Array
  /** Bytes of the object as each request gives them; absent for a trace without sizes, where every object is one unit. */
  readonly bytesOf?: Uint32Array
  /** Seconds on the trace's own clock at each request, where it has one. */
  readonly atSecondsOf?: Uint32Array
  /** Seconds for which the object asked for may be kept, where the trace has them; 0 for no limit. */
  readonly ttlSecondsOf?: Uint32Array
  /** Both halves of each object's 64-bit id, low before high, where a reader was told to keep them. */
  readonly idHalves?: Uint32Array
}
