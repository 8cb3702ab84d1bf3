/** Questions that go to many and are answered by each or by none: whoever dies, fails or is too slow is left out. */
export class Inquiries {
  readonly #open = new Map<number, Inquiry>()
  #next = 0

  /** Asks everybody named and resolves with the answers in the order of their numbers. */
  ask(
    respondents: readonly number[],
    put: (inquiry: number, respondent: number) => void,
  ): Promise<readonly Answer[]> {
    const inquiry = this.#next++
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.#open.delete(inquiry)
        resolve(answers.sort((left, right) => left.worker - right.worker))
      }
      const timer = setTimeout(settle, answerMsMax)
      const answers: Answer[] = []
      this.#open.set(inquiry, { answers, missing: new Set(respondents), settle })
      for (const respondent of respondents) put(inquiry, respondent)
      if (respondents.length === 0) settle()
    })
  }

  answered(inquiry: number, { worker, answer }: Answer): void {
    const open = this.#open.get(inquiry)
    if (open === undefined) return
    open.answers.push({ worker, answer })
    leave(open, worker)
  }

  /** This one has no answer. */
  passed(inquiry: number, worker: number): void {
    const open = this.#open.get(inquiry)
    if (open !== undefined) leave(open, worker)
  }

  /** Nothing more will come from this one. */
  gone(worker: number): void {
    for (const open of this.#open.values()) leave(open, worker)
  }
}

type Answer = { readonly worker: number; readonly answer: unknown }

type Inquiry = {
  readonly answers: Answer[]
  readonly missing: Set<number>
  readonly settle: () => void
}

// A scrape waits for nobody longer than this: a worker that is blocked so long has other troubles.
const answerMsMax = 2000

function leave(open: Inquiry, worker: number): void {
  if (open.missing.delete(worker) && open.missing.size === 0) open.settle()
}
