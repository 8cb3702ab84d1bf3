import { policies } from 'cassandra-driver'

/** Most replicas that a read is asked of beside the first. */
const executionsMax = 2

/** Reads that may be asked twice before there is a share to go by: those that a replica which freezes leaves hanging. */
const reserveMax = 1000

/** Requests in whose stead one read may be asked twice, in the long run. */
const requestsPerSpeculation = 10

/**
 * Asks another replica of a read that has no answer after a delay, as long as what is asked twice stays a tenth of all requests: a
 * replica that is slow alone is left behind, a cluster that is slow throughout is not asked three times as much.
 */
export class BudgetedSpeculation extends policies.speculativeExecution.ConstantSpeculativeExecutionPolicy {
  readonly #delayMs: number
  #tenthsLeft = reserveMax * requestsPerSpeculation

  constructor(delayMs: number) {
    super(delayMs, executionsMax)
    this.#delayMs = delayMs
  }

  /** The driver asks for one with each request. */
  override newPlan(): { nextExecution: () => number } {
    this.#tenthsLeft = Math.min(this.#tenthsLeft + 1, reserveMax * requestsPerSpeculation)
    let executions = 0
    return {
      // Below 0 there is none.
      nextExecution: () =>
        executions++ < executionsMax && this.#tenthsLeft >= requestsPerSpeculation ? this.#delayMs : -1,
    }
  }

  /** Told when a read really was asked twice, which most are not that might have been. */
  spent(): void {
    this.#tenthsLeft = Math.max(0, this.#tenthsLeft - requestsPerSpeculation)
  }
}
