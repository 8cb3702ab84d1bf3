import { createMixedWorkload } from '../workload/mixed-workload.ts'
import { presets } from '../workload/presets/index.ts'
import type { Preset } from '../workload/presets/preset.ts'
import { loadTrace } from '../workload/traces/recorded-trace.ts'
import { createTraceWorkload } from '../workload/traces/trace-workload.ts'
import type { Workload } from '../workload/workload.ts'
import type { ArrivalSchedule } from './schedules/arrival-schedule.ts'
import { createTraceTimesSchedule } from './schedules/trace-times.ts'
import type { WorkerPlan } from './worker-plan.ts'

/** What a worker asks while it measures, and before that to warm up. */
export type OpenedWorkload = {
  readonly measured: Workload
  readonly warmUp: Workload
  /** When it is due, where it knows that itself. */
  readonly schedule?: ArrivalSchedule
  /** How long it is asked, where it ends by itself. */
  readonly scheduledSeconds?: number
}

/** Creates one worker's share of what a plan says is asked. */
export async function openWorkload({
  workload,
  seed,
  worker,
  workers,
  durationSeconds,
  ratePerSecond,
}: WorkerPlan): Promise<OpenedWorkload> {
  switch (workload.kind) {
    case 'mix': {
      const { preset: name, identifiers, registrationBase } = workload
      const { distribution, phase } = workload
      const own: Preset = presets[name]
      // Settings that another distribution does not know are none of its own.
      const preset =
        distribution === undefined
          ? own
          : { ...own, distribution: { ...own.distribution, name: distribution } }
      const share = { identifiers, registrationBase, seed, phase, worker, workers, durationSeconds }
      const mix = createMixedWorkload({ preset, ...share })
      return { measured: mix, warmUp: mix }
    }
    case 'trace': {
      const { file, reading, speed } = workload
      const { requests, atSecondsOf } = await loadTrace(file, { ...reading, times: speed !== undefined })
      const measured = createTraceWorkload({ requests, base: workload.base, worker, workers })
      const scheduledSeconds = requests.length / ratePerSecond
      const opened = { measured, warmUp: absentees(workload.base), scheduledSeconds }
      if (speed === undefined || atSecondsOf === undefined) return opened
      return { ...opened, schedule: createTraceTimesSchedule({ atSecondsOf, speed, worker, workers }) }
    }
  }
}

/** Look-ups that find nothing warm up connections and code, and leave the cache of records as the trace shall find it. */
function absentees(base: number): Workload {
  let asked = 0
  return { next: () => ({ kind: 'absent', ordinal: base + (asked++ % absenteesMax), revision: 0 }) }
}

const absenteesMax = 1000
