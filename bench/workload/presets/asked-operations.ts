import { type OperationKind, operationKinds } from '../operation.ts'
import type { Preset } from './preset.ts'

type Asked = Pick<Preset, 'mix' | 'cycle'>

/** The operations that a preset asks at some time, in the order of `operationKinds`. */
export function askedOperations({ mix, cycle }: Asked): OperationKind[] {
  const mixes = [mix, ...(cycle?.moments ?? []).map((moment) => moment.mix)]
  return operationKinds.filter((kind) => mixes.some((shares) => (shares[kind] ?? 0) > 0))
}

/** The operation that a preset asks most; of equals the first of `operationKinds`. */
export function mainOperation({ mix }: Pick<Asked, 'mix'>): OperationKind {
  return operationKinds.reduce((most, kind) => ((mix[kind] ?? 0) > (mix[most] ?? 0) ? kind : most))
}

const writes: readonly OperationKind[] = [
  'register',
  'bulk',
  'value-add',
  'value-put',
  'value-delete',
  'delete',
]

/** Which part of the operations of a preset, in the mean, changes what is stored. */
export function writeShare({ mix }: Pick<Asked, 'mix'>): number {
  return writes.reduce((sum, kind) => sum + (mix[kind] ?? 0), 0)
}
