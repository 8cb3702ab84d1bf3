/** What decides whether a phase may be quoted: the harness's own conduct, never the target's. */
export type HarnessConduct = {
  readonly due: number
  readonly sent: number
  readonly dropped: number
  readonly droppedWhileLate: number
  readonly latenessP99Ns: number
  /** How many arrivals the schedule held; undefined for a workload that ends by itself. */
  readonly scheduled: number | undefined
  readonly interrupted: boolean
  /** The loop was seconds late and ended before its schedule did. */
  readonly gaveUp: boolean
}

export type Validity = { readonly valid: boolean; readonly invalidBecause: readonly string[] }

/** Above this lateness at the 99th percentile the generator, not the target, shaped the latencies. */
export const latenessP99MsMax = 10
/** So much of what the schedule held must have been sent, apart from what the target's slowness made us drop. */
export const sentShareMin = 0.99

/**
 * Judges the generator. Arrivals dropped while it was on time met the bound on requests in flight: the target held them,
 * and that is a result to report. Arrivals dropped while it was late are its own backlog, and void the phase.
 */
export function judgeValidity(conduct: HarnessConduct): Validity {
  const { due, sent, dropped, droppedWhileLate, latenessP99Ns, scheduled, interrupted, gaveUp } = conduct
  const reasons: string[] = []
  if (interrupted) reasons.push('the run was interrupted: this is what it had measured until then')
  if (due === 0) reasons.push('nothing was due: the run was too short for its rate')
  if (gaveUp) {
    reasons.push(
      'the generator fell seconds behind and gave up: the rate is beyond it; use more --workers or a lower --rate',
    )
  }
  const latenessP99Ms = latenessP99Ns / 1e6
  if (latenessP99Ms > latenessP99MsMax) {
    reasons.push(
      `the generator was late: p99 of its scheduling lateness was ${latenessP99Ms.toFixed(1)} ms, the bound is ` +
        `${latenessP99MsMax} ms; use more --workers or a lower --rate`,
    )
  }
  const expected = interrupted ? due : Math.max(scheduled ?? due, due)
  const missedByTarget = dropped - droppedWhileLate
  const share = expected === 0 ? 1 : (sent + missedByTarget) / expected
  if (share < sentShareMin) {
    reasons.push(
      `the generator sent ${(share * 100).toFixed(1)} % of what it should have (${expected} arrivals): ` +
        `${droppedWhileLate} were dropped from its own backlog`,
    )
  }
  return { valid: reasons.length === 0, invalidBecause: reasons }
}
