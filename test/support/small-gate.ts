import { readdir, readFile, stat } from 'node:fs/promises'
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

/** The latest result that a gate left in a place; two that began within one second have `-gate.json` and `-gate-2.json`. */
export async function gateResultOf(place: BenchPlace): Promise<GateResult> {
  const names = (await readdir(place.results)).filter((name) => /-gate(?:-\d+)?\.json$/.test(name))
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(place.results, name)
      return { path, writtenMs: (await stat(path)).mtimeMs }
    }),
  )
  const latest = files.toSorted((left, right) => left.writtenMs - right.writtenMs).at(-1)
  return JSON.parse(await readFile(latest?.path ?? '', 'utf8'))
}
