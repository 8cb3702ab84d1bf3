import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GateResult } from '../../bench/gate/gate-result.ts'
import type { BenchFlags, BenchPlace } from './bench-process.ts'

/** The least that a gate measures. */
export const smallGate: BenchFlags = {
  identifiers: '200',
  rate: '200',
  slice: '1s',
  'repetitions-min': '5',
  'repetitions-max': '5',
}

/** The latest result that a gate left in a place. */
export async function gateResultOf(place: BenchPlace): Promise<GateResult> {
  const written = await readdir(place.results)
  const name = written
    .filter((file) => file.endsWith('-gate.json'))
    .sort()
    .at(-1)
  return JSON.parse(await readFile(join(place.results, name ?? ''), 'utf8'))
}
