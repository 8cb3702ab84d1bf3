/** Time as an argument, so that tests own it. */
export interface Clock {
  /** Wall-clock milliseconds since the Unix epoch. */
  nowMs(): number
  /** Monotonic nanoseconds as a double: exact to the nanosecond for 104 days of uptime. */
  nowNs(): number
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  nowNs: () => performance.now() * 1e6,
}

/** Seconds since a moment of the monotonic clock. */
export function secondsSince(clock: Clock, startNs: number): number {
  return (clock.nowNs() - startNs) / 1e9
}

/** Whole seconds since the Unix epoch, the unit of Handle timestamps (RFC 3651 section 3.1). */
export function nowSeconds(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1000)
}
