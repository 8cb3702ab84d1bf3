import { z } from 'zod'
import * as flags from '../cli/flags.ts'
import { presetNames, presets } from '../workload/presets/index.ts'
import type { Preset } from '../workload/presets/preset.ts'
import { defaultObjective, refuseForeignObjective } from './preset-objective.ts'
import { driven, identifying } from './shared-options.ts'

const startDefault = 1000

const flagsOfCapacity = z.object({
  target: flags.target().describe('server to measure, loaded before with the same prefix and seed'),
  objective: flags
    .objectives()
    .optional()
    .describe(
      `what a rate must meet, all parts of it (default: of what the preset asks most, such as ${defaultObjective('traceability')})`,
    ),
  identifiers: flags.count().default(1_000_000).describe('how many identifiers were loaded'),
  preset: flags.oneOf(presetNames).default('traceability').describe('what is asked'),
  start: flags
    .count({ most: 10_000_000 })
    .optional()
    .describe(`first rate offered (default: ${startDefault}, or --maximum where that is less)`),
  maximum: flags.count({ most: 10_000_000 }).default(200_000).describe('highest rate offered'),
  precision: flags.share().default(0.03).describe('how near the bounds must come'),
  searches: flags.count({ most: 20 }).default(3).describe('searches, whose spread is stated'),
  confirmations: flags.count({ most: 10 }).default(1).describe('times a rate must meet the objective again'),
  trialsMax: flags.count({ most: 200 }).default(40).describe('most trials of one search'),
  duration: flags
    .seconds({ least: 1 })
    .default(5)
    .describe('time measured in one trial; rounded up to whole cycles of the preset'),
  warmUp: flags.seconds({ least: 0 }).default(2).describe('time driven before measuring a trial'),
  settle: flags
    .seconds({ least: 0 })
    .default(30)
    .describe('time driven at the highest rate of a first doubling before any search; 0 for a target in use'),
  skipCalibration: z.boolean().default(false).describe('do not measure the generator itself'),
  sizing: z.boolean().default(false).describe('advise machines for what is expected'),
  expectedIdentifiers: flags.count().default(500_000_000).describe('identifiers expected, for --sizing'),
  expectedPeak: flags.count().default(10_000).describe('operations a second expected at peak, for --sizing'),
  growth: flags.growth({ most: 10 }).default(0.2).describe('growth of both a year, for --sizing'),
  years: flags.count({ most: 50 }).default(3).describe('years to plan for, for --sizing'),
  ...identifying,
  ...driven,
})

/** The flags of `capacity`. */
export const capacityFlags = flagsOfCapacity
  .superRefine(({ start, maximum }, context) => {
    if (start === undefined || start <= maximum) return
    context.addIssue({ code: 'custom', path: ['start'], message: `expected at most --maximum, ${maximum}` })
  })
  .superRefine(refuseForeignObjective)
export type CapacityFlags = z.infer<typeof capacityFlags>

/** The rate of the first trial, in operations a second. */
export function firstRate({ start, maximum }: CapacityFlags): number {
  return start ?? Math.min(startDefault, maximum)
}

/** What a rate must meet. */
export function objectiveOf({ objective, preset }: CapacityFlags): string {
  return objective ?? defaultObjective(preset)
}

/** How long a trial measures, in seconds: whole cycles of a preset whose mix changes, or it would ask for a part of them only. */
export function trialSeconds({ duration, preset }: Pick<CapacityFlags, 'duration' | 'preset'>): number {
  const { cycle }: Preset = presets[preset]
  return cycle?.seconds === undefined ? duration : Math.ceil(duration / cycle.seconds) * cycle.seconds
}
