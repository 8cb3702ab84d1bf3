/** One number, or the trace it came from, and whether it is what the result says. */
export type Finding = { readonly same: boolean; readonly text: string }

/** A result that cannot be made again here, in words. */
export class ReproductionError extends Error {
  override readonly name = 'ReproductionError'
}
