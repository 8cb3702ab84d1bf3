import type { Operation, OperationResult } from '../workload/operation.ts'

/** What a target can do beyond single operations, discovered when it is opened and corrected where it turns out otherwise. */
export type TargetCapabilities = {
  /** Accepts NDJSON batches of registrations; without it the load phase registers one by one. */
  readonly bulkRegistration: boolean
  /** Publishes cache and store statistics that the report can quote. */
  readonly statistics: boolean
}

/** The result of one batch of registrations, counted by what the target said of each item. */
export type BatchResult = {
  readonly created: number
  /** Already there with the same record, or with what an earlier run made of it: a repeated load is not an error. */
  readonly identical: number
  readonly failed: number
  readonly firstFailure?: string
}

/** What a target says of itself; whatever it does not say is absent. */
export type TargetIdentity = {
  readonly url: string
  readonly server?: string
  readonly version?: string
  readonly storeEngine?: string
  readonly durability?: string
  readonly cacheBytesMax?: number
  readonly records?: number
  readonly storeBytes?: number
  /** The process of a node on this machine, so that its CPU time and memory can be read. */
  readonly pid?: number
}

/** What it took to ask over a transport that loses packets, or pipelines, or as a client that retries and caches. */
export type TransportCounts = {
  readonly requests: number
  /** Sent again because no answer came in time, or the connection had ended. */
  readonly retries: number
  /** Given up in the end. */
  readonly unanswered: number
  /** Operations that a cache of the client answered, so that nothing was asked; absent without one. */
  readonly clientCacheHits?: number
}

/** Of whom it is asked: performs operations and verifies the answers against the record generator. */
export interface Target {
  readonly capabilities: TargetCapabilities
  /** Performs and verifies one operation; resolves to its result, rejects only when our own code is wrong. */
  perform(operation: Operation, signal: AbortSignal): Promise<OperationResult>
  /**
   * Registers identifiers `from` (inclusive) to `to` (exclusive) of the load; rejects with a TargetError. Where they are registered one by
   * one, each is tried again by itself. After an abort nothing is tried again, but what is under way is waited for.
   */
  registerRange(from: number, to: number, signal: AbortSignal): Promise<BatchResult>
  /** Makes prefixes derived from a homed one known, whoever writes as their administrator; absent where it cannot. */
  homePrefixes?(prefixes: readonly string[], signal: AbortSignal): Promise<void>
  /** Counters of the target as numbers by name (cache hits, store records …); undefined where it publishes none. */
  statistics(signal: AbortSignal): Promise<Readonly<Record<string, number>> | undefined>
  describe(signal: AbortSignal): Promise<TargetIdentity>
  /** Counted since it was opened; absent where the transport itself sees to it. */
  transport?(): TransportCounts
  close(): Promise<void>
}
