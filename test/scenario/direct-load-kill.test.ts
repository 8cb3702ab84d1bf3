import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRecordGenerator } from '../../bench/workload/record-generator.ts'
import { isHalfLoaded } from '../../src/store/level-directory.ts'
import { createPrng } from '../../src/support/prng.ts'
import { ask } from '../support/ask.ts'
import { NodePlace, testPrefix } from '../support/node-process.ts'

const identifiers = 500_000
const resumptionsWanted = 3
const killsMax = 24
const killStepMs = 60
const harness = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))

let place: NodePlace
beforeAll(async () => {
  place = await NodePlace.create()
})
afterAll(() => place[Symbol.asyncDispose]())

test('a direct load that is killed again and again goes on, and a node resolves all of it', async () => {
  const prng = createPrng(21)
  let kills = 0
  let stderr = ''
  let refused = false
  for (; ; kills++) {
    // Each is killed a little later than the one before, so that some are killed amid their work on a machine of any speed.
    const isLeftAlone = resumptionsIn(stderr) >= resumptionsWanted || kills === killsMax
    const ended = await load(isLeftAlone ? undefined : kills * killStepMs + prng.nextBelow(killStepMs))
    stderr += ended.stderr
    if (ended.signal === null) {
      expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('1000 read back, 0 wrong') })
      break
    }
    if (!refused && (await isHalfLoaded(join(place.directory, 'data')))) {
      expect((await place.serveToEnd()).stderr).toContain('holds part of an offline load')
      refused = true
    }
  }
  expect(refused).toBe(true)
  expect(kills).toBeGreaterThan(0)
  expect(resumptionsIn(stderr)).toBeGreaterThan(0)

  const node = await place.start()
  const { records } = (await ask(`${node.url}/api/statistics`)).json()
  // The prefix record and the administrator's beside those that were loaded.
  expect(records).toBe(identifiers + 2)
  const generator = createRecordGenerator({ seed: 42, prefix: testPrefix })
  for (let asked = 0; asked < 300; asked++) {
    const ordinal = prng.nextBelow(identifiers)
    const { handle, valuesJson } = generator.recordOf(ordinal, 0)
    const answer = await ask(`${node.url}/api/handles/${encodeURI(handle)}`)
    expect(answer.status).toBe(200)
    expect(typesOf(answer.json().values)).toEqual(typesOf(JSON.parse(valuesJson)))
  }
  expect((await ask(`${node.url}/api/handles/${encodeURI(generator.absentHandleOf(1))}`)).status).toBe(404)
  await node.stop()
  await rm(join(place.directory, 'results'), { recursive: true, force: true })
}, 120_000)

function resumptionsIn(stderr: string): number {
  return [...stderr.matchAll(/going on after \d+ identifiers/g)].length
}

type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }

/** Kills, where it is told to, some time after the load has said that it writes. */
function load(killAfterMs: number | undefined): Promise<Ended> {
  const flags = {
    direct: join(place.directory, 'data'),
    identifiers: String(identifiers),
    prefix: testPrefix,
    'secret-file': place.secretFile,
    out: join(place.directory, 'results'),
  }
  const child = spawn(
    process.execPath,
    [harness, 'load', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
    if (killAfterMs !== undefined && text.includes('load …')) {
      void sleep(killAfterMs).then(() => child.kill('SIGKILL'))
    }
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, ...output }))
  })
}

function typesOf(values: unknown): unknown {
  return (values as { index: number; type: string; data: { value: unknown } }[]).map(
    ({ index, type, data }) => [index, type, data.value],
  )
}
