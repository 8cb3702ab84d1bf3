import { expect, test } from 'vitest'
import { parseHandle } from '../../src/identifier/handle.ts'
import { encodeRecord } from '../../src/identifier/record-encoding.ts'
import { finishSteps } from '../../src/prefixes/finish-steps.ts'
import { decodeState, encodeState, stateKey } from '../../src/prefixes/prefix-records.ts'
import type { PrefixState } from '../../src/prefixes/prefix-state.ts'
import { MemoryStore } from '../../src/store/memory.ts'

const base: PrefixState = {
  prefix: '88.1000.8',
  state: 'homed',
  revision: 3,
  enterprise: 'E',
  contact: 'C',
  applicant: '300:88.1000/E',
  since: '2026-01-01T00:00:00Z',
}
const record = encodeRecord({ handle: '0.NA/88.1000.8', values: [] })
const recordKey = parseHandle('0.NA/88.1000.8').key

test('a step that a crash has cut is finished before the node answers, once', async () => {
  const store = new MemoryStore()
  const put = (key: string, value: Uint8Array) => ({ key, value, precondition: { kind: 'none' } as const })
  const pending = { ...base, pending: Buffer.from(record).toString('base64') }
  await store.commit([put(stateKey(base.prefix), encodeState(pending))])
  expect(await finishSteps(store)).toBe(1)
  expect(Buffer.from(store.get(recordKey) ?? [])).toEqual(Buffer.from(record))
  expect(decodeState(store.get(stateKey(base.prefix)) ?? new Uint8Array())).toEqual(base)
  expect(await finishSteps(store)).toBe(0)

  const suspended = { ...base, state: 'suspended', suspendedFrom: 'homed', pending: null } as const
  await store.commit([put(stateKey(base.prefix), encodeState(suspended))])
  expect(await finishSteps(store)).toBe(1)
  expect(store.get(recordKey)).toBeUndefined()
})
