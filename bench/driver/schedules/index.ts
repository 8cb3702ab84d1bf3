import type { ArrivalSchedule } from './arrival-schedule.ts'
import { createConstantSchedule } from './constant.ts'
import { createPoissonSchedule } from './poisson.ts'

/** What every arrival schedule is made from; `durationSeconds` may be Infinity for a workload that ends by itself. */
export type ScheduleOptions = {
  /** The rate of all workers together. */
  readonly ratePerSecond: number
  readonly durationSeconds: number
  readonly worker: number
  readonly workers: number
  readonly seed: number
}

/** Every arrival schedule, by the name used in flags and reports. */
export const schedules = {
  constant: createConstantSchedule,
  poisson: createPoissonSchedule,
} as const satisfies Record<string, (options: ScheduleOptions) => ArrivalSchedule>
export type ScheduleName = keyof typeof schedules

/** The names, in the order in which help texts list them. */
export const scheduleNames = Object.keys(schedules) as [ScheduleName, ...ScheduleName[]]
