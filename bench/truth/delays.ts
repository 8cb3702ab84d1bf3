import type { Prng } from '../../src/support/prng.ts'

/** How long an answer is held, in milliseconds, for a request that arrives at a time of a server's life. */
export type DelayModel = {
  readonly meaning: string
  delayMs(arrivedAtMs: number, prng: Prng): number
}

/** Known delay distributions, by name: what a harness must see when it is pointed at them. */
export const delayModels = {
  fixed: { meaning: 'every answer after 50 ms', delayMs: () => 50 },
  bimodal: {
    meaning: 'nine answers in ten after 20 ms, the tenth after 200 ms',
    delayMs: (_arrivedAtMs, prng) => (prng.nextDouble() < 0.9 ? 20 : 200),
  },
  stalls: {
    meaning: 'answers after 5 ms, but nothing at all during the last second of every ten',
    delayMs: (arrivedAtMs) => 5 + stallLeft(arrivedAtMs, { everyMs: 10_000, lastsMs: 1000 }),
  },
  none: { meaning: 'every answer at once', delayMs: () => 0 },
  'short-stalls': {
    meaning: 'answers after 5 ms, but nothing at all during the last 500 ms of every two seconds',
    delayMs: (arrivedAtMs) => 5 + stallLeft(arrivedAtMs, { everyMs: 2000, lastsMs: 500 }),
  },
} as const satisfies Record<string, DelayModel>
export type DelayModelName = keyof typeof delayModels

/** Time until the stall ends in which this moment lies; 0 outside one. */
function stallLeft(atMs: number, stall: { readonly everyMs: number; readonly lastsMs: number }): number {
  const left = stall.everyMs - (atMs % stall.everyMs)
  return left <= stall.lastsMs ? left : 0
}
