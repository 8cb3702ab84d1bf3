/**
 * How the offered rate changes over a phase: points joined by straight lines, from the share 0 of its duration to the
 * share 1. A factor is a share of the rate asked for, which is the peak. Two points of one share make a jump.
 */
export type RateProfile = {
  /** What the shape stands for. */
  readonly meaning: string
  readonly points: readonly { readonly share: number; readonly factor: number }[]
}
