import type { HandleValue } from '../identifier/value.ts'

/** What another node says of a handle. */
export type UpstreamAnswer =
  | { readonly kind: 'found'; readonly values: readonly HandleValue[] }
  | { readonly kind: 'absent' }
  /** It knows who is responsible: sites (303) or a service handle (302). */
  | { readonly kind: 'referral'; readonly values: readonly HandleValue[] }
  | { readonly kind: 'not-responsible' }

/** No answer, or one that cannot be used: another server may do better. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError'
}

/** Asks one server for the public record of a handle. */
export interface Upstream {
  /** @throws UpstreamError */
  resolve(handle: string, signal: AbortSignal): Promise<UpstreamAnswer>
  close(): Promise<void>
}
