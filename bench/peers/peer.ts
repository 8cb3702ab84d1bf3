import type { Burst } from './closed-loop.ts'

/** A server that takes part in a comparison, up and ready. */
export type RunningPeer = {
  readonly name: string
  readonly url: string
  /** The processes that do its work; none for one that runs elsewhere, whose CPU time nobody here can see. */
  readonly pids: readonly number[]
  /** What to know about it when its figures are read. */
  readonly about: string
  /** Its own client, where it speaks no HTTP. */
  burst?(options: { readonly connections: number; readonly seconds: number }): Promise<Burst>
  stop(): Promise<void>
}

/** How a peer is started; says why where this machine cannot. */
export type Peer = {
  readonly name: string
  start(): Promise<RunningPeer | { readonly skippedBecause: string }>
}
