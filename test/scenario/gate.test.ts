import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BenchPlace } from '../support/bench-process.ts'
import { startPlainHandleServer } from '../support/plain-handle-server.ts'
import { gateResultOf, smallGate } from '../support/small-gate.ts'

test('a candidate that answers wrongly makes a gate invalid (3) before it is measured', async () => {
  await using place = await BenchPlace.create()
  const right = await startPlainHandleServer()
  const wrong = await startPlainHandleServer({ wrongFor: () => true })
  try {
    const { code } = await place.start('gate', { ...smallGate, baseline: right.url, candidate: wrong.url })
      .ended
    expect(code).toBe(3)
    expect(await gateResultOf(place)).toMatchObject({
      verdict: 'invalid',
      reasons: [expect.stringContaining('could not be loaded')],
    })
  } finally {
    await right.close()
    await wrong.close()
  }
})

test.each(['baseline', 'candidate'] as const)(
  'a %s that cannot be reached makes a gate invalid (3), not regressed, with every file a CI job wants',
  async (side) => {
    await using place = await BenchPlace.create()
    const there = await startPlainHandleServer()
    try {
      const sides = { baseline: there.url, candidate: there.url, [side]: 'http://127.0.0.1:1' }
      const { code, stderr } = await place.start('gate', { ...smallGate, ...sides }).ended
      expect({ code, stderr }).toMatchObject({ code: 3 })
      expect(await gateResultOf(place)).toMatchObject({
        verdict: 'invalid',
        reasons: [expect.stringContaining('127.0.0.1:1')],
      })
      const xml = (await readdir(place.results)).find((name) => name.endsWith('-gate.xml')) ?? ''
      expect(await readFile(join(place.results, xml), 'utf8')).toContain('<error')
    } finally {
      await there.close()
    }
  },
)

test('a baseline that is no commit, no report and no address is a matter of usage (2)', async () => {
  await using place = await BenchPlace.create()
  const { code, stderr } = await place.start('gate', { ...smallGate, baseline: 'no-such-reference' }).ended
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"no-such-reference" is no address'),
  })
})

test('a metric that no gate by turns gives is a matter of usage (2) before anything is opened', async () => {
  await using place = await BenchPlace.create()
  const nowhere = { baseline: 'http://127.0.0.1:1', candidate: 'http://127.0.0.1:1' }
  const { code, stderr } = await place.start('gate', { ...smallGate, ...nowhere, metrics: 'registered' })
    .ended
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--metrics is "registered"; expected some of cpu'),
  })
})
