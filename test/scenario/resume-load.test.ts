import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { LoadPhase } from '../../bench/report/report.ts'
import { exitCodes } from '../../bench/report/verdict.ts'
import { ask } from '../support/ask.ts'
import { BenchPlace } from '../support/bench-process.ts'
import { NodePlace, testPrefix } from '../support/node-process.ts'

// More than is registered by the time that the state is first written.
const identifiers = 250_000

test('a load whose harness is killed goes on where it stopped: nothing is lost and nothing is there twice', async () => {
  await using nodes = await NodePlace.create()
  await using place = await BenchPlace.create()
  const node = await nodes.start()
  const before = await recordsOf(node.url)
  const flags = {
    target: node.url,
    prefix: testPrefix,
    'secret-file': nodes.secretFile,
    identifiers: `${identifiers}`,
    batch: '1000',
    sample: '500',
  }
  const killed = place.start('load', flags)
  // Its state is on disk: from now on the next one knows where to go on.
  while (!(await stateIn(place.results))) await sleep(5)
  killed.signal('SIGKILL')
  expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' })
  const there = (await recordsOf(node.url)) - before
  expect(there).toBeLessThan(identifiers)

  const resumed = place.start('load', flags)
  const skipped = Number((await resumed.saw(/going on after (\d+) identifiers/))[1])
  expect(await resumed.ended).toMatchObject({ code: exitCodes.passed })
  // What the state tells of is there; what was acknowledged after it is found to be.
  expect(skipped).toBeLessThanOrEqual(there)
  const { report } = await place.report()
  const load = report.phases[0] as LoadPhase
  expect(load.created + load.identical + skipped).toBe(identifiers)
  expect(load).toMatchObject({ failed: 0, sampled: 500, sampledWrong: 0 })
  expect(await recordsOf(node.url)).toBe(before + identifiers)
}, 120_000)

async function stateIn(directory: string): Promise<boolean> {
  if (!existsSync(directory)) return false
  return (await readdir(directory)).some((name) => /^erji-load-.*\.json$/.test(name))
}

async function recordsOf(url: string): Promise<number> {
  return Number((await ask(`${url}/api/statistics`)).json().records)
}
