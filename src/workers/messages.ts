import type { NodeConfig } from '../config.ts'
import type { ErrorCode, StartupErrorCode } from '../errors.ts'
import type { PortSharing } from '../http/server.ts'
import type { StoreQuestion } from '../store/shared-level.ts'
import type { SharedMemory } from './shared-memory.ts'

/** What a worker is started with. */
export type WorkerStart = {
  readonly config: NodeConfig
  /** From 1. */
  readonly worker: number
  readonly memory: SharedMemory
  readonly databasePath: string
  readonly sharing: PortSharing
  readonly unwritable: string | undefined
}

/** What a worker tells the main thread. */
export type FromWorker =
  | { readonly type: 'listening'; readonly urls: readonly string[] }
  | {
      readonly type: 'cannot-start'
      readonly code: StartupErrorCode | undefined
      readonly message: string
    }
  | { readonly type: 'commit'; readonly batch: number; readonly mutations: Uint8Array }
  | { readonly type: 'ask'; readonly question: number; readonly about: StoreQuestion }
  | { readonly type: 'gather'; readonly question: number; readonly topic: string }
  | { readonly type: 'provided'; readonly inquiry: number; readonly answer: unknown }
  | { readonly type: 'not-provided'; readonly inquiry: number; readonly message: string }
  | { readonly type: 'refusing' }

/** What the main thread tells a worker. */
export type ToWorker =
  | { readonly type: 'committed'; readonly batch: number; readonly results: Uint8Array }
  | {
      readonly type: 'not-committed'
      readonly batch: number
      readonly code: ErrorCode
      readonly message: string
    }
  | { readonly type: 'answer'; readonly question: number; readonly answer: unknown }
  | {
      readonly type: 'not-answered'
      readonly question: number
      readonly code: ErrorCode
      readonly message: string
    }
  | { readonly type: 'provide'; readonly inquiry: number; readonly topic: string }
  | { readonly type: 'unwritable'; readonly reason: string | undefined }
  | { readonly type: 'close' }
