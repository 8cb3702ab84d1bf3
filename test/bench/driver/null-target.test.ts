import { expect, test } from 'vitest'
import { performPlan } from '../../../bench/driver/perform-plan.ts'
import type { WorkerPlan } from '../../../bench/driver/worker-plan.ts'
import { runWorkers } from '../../../bench/driver/worker-pool.ts'
import { summariseSnapshot } from '../../../bench/measure/operation-recorder.ts'

const plan: WorkerPlan = {
  worker: 0,
  workers: 1,
  seed: 42,
  target: { name: 'null', url: 'null:', connections: 1, timeoutSeconds: 1 },
  records: { seed: 42, prefix: '88.118' },
  workload: { kind: 'mix', preset: 'traceability', identifiers: 100_000, registrationBase: 2 ** 36 },
  profile: 'flat',
  schedule: 'constant',
  ratePerSecond: 2000,
  durationSeconds: 0.5,
  warmUpSeconds: 0.1,
  inFlightMax: 100,
}
const signal = new AbortController().signal

test('without a target the harness adds next to nothing: it measures itself', async () => {
  const { loop, snapshot } = await performPlan(plan, { signal, whenWarm: async () => undefined })
  expect(loop).toMatchObject({ due: 1000, sent: 1000, dropped: 0 })
  const { operations, settled } = summariseSnapshot(snapshot)
  expect(settled).toBe(1000)
  // Against what one operation has of the whole second: the harness may take a small part of it.
  const periodNs = 1e9 / plan.ratePerSecond
  for (const { serviceTime } of operations) expect(serviceTime.p50Ns).toBeLessThan(periodNs / 4)
})

test('each phase draws arrivals of its own, and the same ones again in another run', async () => {
  const arrivals = async (phase: number): Promise<number> => {
    const { loop } = await performPlan(
      {
        ...plan,
        workload: { ...plan.workload, phase } as WorkerPlan['workload'],
        ...({ schedule: 'poisson', durationSeconds: 0.2, warmUpSeconds: 0 } as const),
      },
      { signal, whenWarm: async () => undefined },
    )
    return loop.due
  }
  const dues = []
  for (const phase of [0, 1, 2, 3]) dues.push(await arrivals(phase))
  expect(new Set(dues).size).toBeGreaterThan(1)
  expect(await arrivals(1)).toBe(dues[1])
})

test('measuring begins only when whoever waits for the warm-up says so', async () => {
  const order: string[] = []
  const whenWarm = async (): Promise<void> => {
    order.push('warm')
  }
  await performPlan(plan, { signal, whenWarm, watch: () => order.push('measuring') })
  expect(order).toEqual(['warm', 'measuring'])
})

test('workers in processes of their own share the schedule, and all wait for the slowest to be warm', async () => {
  let warm = 0
  const shares = [0, 1, 2].map((worker) => ({ ...plan, worker, workers: 3 }))
  const results = await runWorkers(shares, {
    signal,
    whenWarm: async () => {
      warm += 1
    },
  })
  expect(warm).toBe(1)
  expect(results.map(({ loop }) => loop.due)).toEqual([334, 333, 333])
})

test('a worker that cannot begin ends the phase with an error that says why', async () => {
  const target = { ...plan.target, name: 'handle-http' as const, url: 'http://127.0.0.1:1' }
  const running = runWorkers([{ ...plan, target }], { signal, whenWarm: async () => undefined })
  await expect(running).rejects.toThrow(/worker 1 of 1: .*no Handle HTTP server answers/)
})
