import { expect, test } from 'vitest'
import { faultEffects, recoveredTooLate, withFaults } from '../../../bench/fault/fault-effect.ts'
import type { InjectedFault } from '../../../bench/fault/inject-faults.ts'
import type { DrivenPhase, TimelinePoint } from '../../../bench/report/report.ts'
import { exampleReport } from '../../support/example-report.ts'

const phase = exampleReport().phases.find(({ kind }) => kind === 'open-loop') as DrivenPhase

const kill = (fromSeconds: number, untilSeconds: number): InjectedFault => ({
  text: `kill@${fromSeconds}s`,
  kind: 'kill',
  atSeconds: fromSeconds,
  lastsSeconds: 0,
  jumpSeconds: 0,
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
      observed: true,
      lowestServedShare: 0,
      worstP99Ns: 900e6,
      recoveredAfterSeconds: 2.5,
    },
  ])
})

test('a timer that fires a little early takes no second from those before the fault', () => {
  // Stopped at 1.9994 s instead of 2: what waited is answered in second 3, which is not the node's usual self.
  const timeline = [100, 100, 0, 150, 100].map((served, atSeconds) =>
    second(atSeconds, { served, p99Ms: [20, 7, 0, 1000, 8][atSeconds] ?? 0 }),
  )
  expect(faultEffects([kill(1.9994, 3.0003)], timeline)).toMatchObject([
    { worstP99Ns: 1000e6, recoveredAfterSeconds: 4 - 1.9994 },
  ])
})

test('a fault that leaves no second to itself is over when a second is like the best one', () => {
  const timeline = [50, 0, 150, 100].map((served, atSeconds) =>
    second(atSeconds, { served, p99Ms: [400, 0, 1000, 8][atSeconds] ?? 0 }),
  )
  expect(faultEffects([kill(0.5, 1.5)], timeline)).toMatchObject([
    { worstP99Ns: 1000e6, recoveredAfterSeconds: 2.5 },
  ])
})

test('a node that never is itself again has no recovery', () => {
  const timeline = [100, 100, 0, 0].map((served, atSeconds) => second(atSeconds, { served, p99Ms: 1 }))
  const [effect] = faultEffects([kill(2, 2.5)], timeline)
  expect(effect).not.toHaveProperty('recoveredAfterSeconds')
  expect(effect).toMatchObject({ observed: true })
})

test('a fault that ended after everything due, or began after the last second, was not observed, which voids the phase', () => {
  // Late answers make a last second in which nothing was due.
  const late = { ...second(3, { served: 100, p99Ms: 1 }), offered: 0, completed: 3, failed: 0 }
  const timeline = [...[0, 1, 2].map((atSeconds) => second(atSeconds, { served: 100, p99Ms: 1 })), late]
  const effects = faultEffects([kill(2.2, 3.1), kill(9, 9.5)], timeline)
  expect(effects).toEqual([
    {
      kind: 'kill',
      fromSeconds: 2.2,
      untilSeconds: 3.1,
      observed: false,
      lowestServedShare: 1,
      worstP99Ns: 1e6,
    },
    { kind: 'kill', fromSeconds: 9, untilSeconds: 9.5, observed: false },
  ])
  const unseen = [kill(2.2, 3.1), kill(9, 9.5)]
  expect(withFaults({ ...phase, timeline }, { planned: unseen, injected: unseen })).toMatchObject({
    faults: effects,
    valid: false,
    invalidBecause: [
      'kill from 2.2 s was not observed: no second was measured after its end',
      'kill from 9.0 s was not observed: no second was measured after its end',
    ],
  })
})

test('a phase with all its faults is as valid as before, one without one of them is void', () => {
  const planned = [kill(1, 1.1), kill(5, 5.1)]
  const { faults, ...others } = withFaults(phase, { planned, injected: planned })
  expect(faults).toHaveLength(2)
  expect(others).toEqual(phase)
  expect(withFaults(phase, { planned, injected: planned.slice(0, 1) })).toMatchObject({
    valid: false,
    invalidBecause: ['kill@5s was not injected: the load was over before'],
  })
})

test('a node that recovers too late, or never, is told; one that nobody saw is not', () => {
  const effect = { kind: 'kill', fromSeconds: 2, untilSeconds: 3, observed: true }
  const faults = [
    { ...effect, recoveredAfterSeconds: 10 },
    { ...effect, recoveredAfterSeconds: 12.34 },
    effect,
    { ...effect, observed: false },
  ]
  expect(recoveredTooLate(faults, 10)).toEqual([
    'kill from 2.0 s: the node recovered after 12.3 s; expected within 10 s',
    'kill from 2.0 s: the node did not recover; expected within 10 s',
  ])
  expect(recoveredTooLate(faults, undefined)).toEqual([])
})

test('a second in which some failed has served the others', () => {
  const timeline = [100, 100, 100, 60, 100].map((served, atSeconds) =>
    second(atSeconds, { served, p99Ms: 1 }),
  )
  expect(faultEffects([kill(3.1, 3.9)], timeline)[0]?.lowestServedShare).toBeCloseTo(0.6)
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
    completed: served,
    failed: Math.max(0, 100 - served),
    p50Ns: p99Ns / 2,
    p99Ns,
    maxNs: p99Ns,
  }
}
