import type { z } from 'zod'
import { parseObjectives } from '../objective/parse-objectives.ts'
import { operationKinds } from '../workload/operation.ts'
import { askedOperations, mainOperation } from '../workload/presets/asked-operations.ts'
import { type PresetName, presets } from '../workload/presets/index.ts'

/** What a rate must meet unless the command line says so: the operation that the preset asks most is answered soon, and nearly all are. */
export function defaultObjective(preset: PresetName): string {
  return `${mainOperation(presets[preset])}.p99<10ms,errors<0.01%`
}

type Given = {
  readonly objective?: string | undefined
  readonly preset: PresetName
  /** Asked in the place of the preset. */
  readonly trace?: string | undefined
}

/** Refuses an objective for an operation that the preset never asks: whatever was measured, it could not be met. */
export function refuseForeignObjective(
  { objective, preset, trace }: Given,
  context: z.core.$RefinementCtx<unknown>,
): void {
  if (objective === undefined || trace !== undefined) return
  const asked: readonly string[] = askedOperations(presets[preset])
  const foreign = parseObjectives(objective, operationKinds).flatMap(({ operation }) =>
    operation === undefined || asked.includes(operation) ? [] : [operation],
  )
  if (foreign.length === 0) return
  const message = `expected operations of the preset ${preset}, which never asks ${foreign.join(', ')}: ${asked.join(', ')}`
  context.addIssue({ code: 'custom', path: ['objective'], message })
}
