import { describe, expect, test } from 'vitest'
import { parseHandle } from '../../src/identifier/handle.ts'
import { encodeRecord } from '../../src/identifier/record-encoding.ts'
import { defaultTtl, type HandleValue } from '../../src/identifier/value.ts'
import { finishStep, finishSteps } from '../../src/prefixes/finish-steps.ts'
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
const value: HandleValue = {
  index: 1,
  type: 'URL',
  data: Buffer.from('https://example.org/'),
  ttl: defaultTtl,
  timestampSeconds: 1_700_000_000,
  permissions: 14,
  references: [],
}
const record = encodeRecord({ handle: '0.NA/88.1000.8', values: [value] })
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

describe('a step that another worker finished and went on from', () => {
  const homing: PrefixState = { ...base, pending: Buffer.from(record).toString('base64') }
  const suspended: PrefixState = { ...base, revision: 4, state: 'suspended', suspendedFrom: 'homed' }

  /** A store whose record of the prefix is as it was found, and whose state is the one that came later. */
  async function storeWith(state: PrefixState, present: Uint8Array | undefined): Promise<MemoryStore> {
    const store = new MemoryStore()
    const precondition = { kind: 'none' } as const
    await store.commit([
      { key: stateKey(base.prefix), value: encodeState(state), precondition },
      { key: recordKey, value: present, precondition },
    ])
    return store
  }

  test('does not bring a prefix back that was suspended meanwhile', async () => {
    const store = await storeWith(suspended, undefined)
    expect(await finishStep(store, homing)).toMatchObject({ isHomed: false })
    expect(store.get(recordKey)).toBeUndefined()
    expect(decodeState(store.get(stateKey(base.prefix)) ?? new Uint8Array())).toEqual(suspended)
  })

  test('does not take a prefix away that was resumed meanwhile', async () => {
    const resumed: PrefixState = { ...base, revision: 5 }
    const store = await storeWith(resumed, record)
    expect(await finishStep(store, { ...suspended, pending: null })).toMatchObject({ isHomed: true })
    expect(Buffer.from(store.get(recordKey) ?? [])).toEqual(Buffer.from(record))
  })

  test('leaves a record alone that its administrator has edited since', async () => {
    const edited = encodeRecord({ handle: '0.NA/88.1000.8', values: [{ ...value, type: 'EDITED' }] })
    const store = await storeWith(base, edited)
    expect(await finishStep(store, homing)).toMatchObject({ isHomed: true })
    expect(Buffer.from(store.get(recordKey) ?? [])).toEqual(Buffer.from(edited))
  })
})
