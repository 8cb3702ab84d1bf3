import { Bench } from 'tinybench'
import { assert } from '../../src/support/assert.ts'
import type { SuiteName } from './index.ts'
import { suites } from './index.ts'

/** How long one call of a hot function takes. */
export type MicroResult = {
  readonly suite: SuiteName
  readonly task: string
  readonly callsPerSecond: number
  readonly meanNs: number
  readonly p50Ns: number
  readonly p99Ns: number
  /** Half the width of the 95 % confidence interval of the mean, in percent of it. */
  readonly marginPercent: number
  /** Of the results of one run: the same on every machine until the function means something else. */
  readonly sum: number
}

export type MicroOptions = {
  readonly timeMs: number
  /** At least so many runs of each task, however long they take. */
  readonly iterations: number
}

/** Runs every suite, one after the other. */
export async function runSuites(options: MicroOptions): Promise<readonly MicroResult[]> {
  const results: MicroResult[] = []
  for (const suite of Object.keys(suites) as SuiteName[]) results.push(...(await runSuite(suite, options)))
  return results
}

async function runSuite(
  suite: SuiteName,
  { timeMs, iterations }: MicroOptions,
): Promise<readonly MicroResult[]> {
  const tasks = suites[suite]()
  const sums = tasks.map((task) => task.run())
  const bench = new Bench({
    time: timeMs,
    iterations,
    warmupTime: timeMs / 4,
    warmupIterations: 1,
    throws: true,
  })
  let last = 0
  for (const task of tasks) {
    bench.add(task.name, () => {
      last = (last + task.run()) | 0
    })
  }
  await bench.run()
  assert(Number.isInteger(last), 'the sums of the runs are kept')
  return tasks.map((task, index) => {
    const result = bench.tasks[index]?.result
    assert(result?.state === 'completed', 'every task of a suite completes')
    const { latency } = result
    const nsOf = (milliseconds: number): number => (milliseconds * 1e6) / task.calls
    return {
      suite,
      task: task.name,
      callsPerSecond: (1000 * task.calls) / latency.mean,
      meanNs: nsOf(latency.mean),
      p50Ns: nsOf(latency.p50),
      p99Ns: nsOf(latency.p99),
      marginPercent: latency.rme,
      sum: sums[index] ?? 0,
    }
  })
}
