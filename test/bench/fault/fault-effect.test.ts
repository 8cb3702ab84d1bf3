import { expect, test } from 'vitest'
import { faultEffects } from '../../../bench/fault/fault-effect.ts'
import type { InjectedFault } from '../../../bench/fault/inject-faults.ts'
import type { TimelinePoint } from '../../../bench/report/report.ts'

const kill = (fromSeconds: number, untilSeconds: number): InjectedFault => ({
  kind: 'kill',
  atSeconds: fromSeconds,
  lastsSeconds: 0,
  fromSeconds,
  untilSeconds,
})

test('the dip is the worst second, and recovery the first one as good as before', () => {
  // Second 3: killed half-way. Second 4: all fail. Second 5: listening, slow. Second 6: as before.
  const timeline = [100, 100, 100, 50, 0, 100, 100].map((served, atSeconds) =>
    second(atSeconds, { served, p99Ms: [1, 1, 1, 400, 900, 50, 1][atSeconds] ?? 1 }),
  )
  expect(faultEffects([kill(3.5, 4.8)], timeline)).toEqual([
    {
      kind: 'kill',
      fromSeconds: 3.5,
      untilSeconds: 4.8,
      lowestServedShare: 0,
      worstP99Ns: 900e6,
      recoveredAfterSeconds: 2.5,
    },
  ])
})

test('a node that never is itself again has no recovery', () => {
  const timeline = [100, 100, 0, 0].map((served, atSeconds) => second(atSeconds, { served, p99Ms: 1 }))
  expect(faultEffects([kill(2, 2.5)], timeline)[0]).not.toHaveProperty('recoveredAfterSeconds')
})

test('a fault that does not show is said to have served everything', () => {
  const timeline = [100, 100, 100, 100].map((served, atSeconds) => second(atSeconds, { served, p99Ms: 1 }))
  expect(faultEffects([kill(1.5, 1.6)], timeline)[0]).toMatchObject({ lowestServedShare: 1 })
})

function second(atSeconds: number, { served, p99Ms }: { served: number; p99Ms: number }): TimelinePoint {
  const p99Ns = p99Ms * 1e6
  return {
    atSeconds,
    offered: 100,
    completed: 100,
    failed: 100 - served,
    p50Ns: p99Ns / 2,
    p99Ns,
    maxNs: p99Ns,
  }
}
