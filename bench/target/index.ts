import type { Clock } from '../../src/support/clock.ts'
import type { RecordGenerator } from '../workload/record-generator.ts'
import { openHandleHttpTarget } from './handle-http.ts'
import { openHandleWireTarget } from './handle-wire.ts'
import { openNullTarget } from './null.ts'
import type { Target } from './target.ts'

/** What every target is opened from. */
export type TargetOptions = {
  readonly url: string
  readonly connections: number
  readonly timeoutSeconds: number
  /** A connection is closed after so many requests; kept open unless given. Over HTTP only. */
  readonly requestsPerConnection?: number | undefined
  /** Takes any certificate over https, those that a server signed itself too. */
  readonly insecure?: boolean | undefined
  /** Needed to write: an identity `index:handle` and its secret. */
  readonly credentials?: Credentials
  /** Knows every right answer. */
  readonly generator: RecordGenerator
  readonly clock: Clock
  /** Is told, in a sentence, what turns out otherwise than the server said. */
  tell?(sentence: string): void
}

export type Credentials = { readonly user: string; readonly secret: string }

/** Every kind of target, by the name used in flags. */
export const targets = {
  'handle-http': openHandleHttpTarget,
  'handle-wire': openHandleWireTarget,
  null: openNullTarget,
} as const satisfies Record<string, (options: TargetOptions) => Promise<Target>>
export type TargetName = keyof typeof targets

/** Which kind of target answers at an address: `http:` and `https:` the JSON API, `hdl+tcp:` and `hdl+udp:` the native protocol. */
export function targetNameOf(url: string): TargetName {
  return url.startsWith('hdl+') ? 'handle-wire' : 'handle-http'
}
