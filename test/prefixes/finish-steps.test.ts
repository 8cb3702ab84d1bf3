import { describe, expect, test } from 'vitest'
import { parseHandle } from '../../src/identifier/handle.ts'
import { encodeRecord } from '../../src/identifier/record-encoding.ts'
import { defaultTtl, type HandleValue } from '../../src/identifier/value.ts'
import { finishStep, finishSteps } from '../../src/prefixes/finish-steps.ts'
import { PrefixLife } from '../../src/prefixes/prefix-life.ts'
import {
  auditKeyPrefix,
  decodeAudit,
  decodeState,
  encodeState,
  stateKey,
} from '../../src/prefixes/prefix-records.ts'
import type { PrefixState } from '../../src/prefixes/prefix-state.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { FakeClock } from '../support/fake-clock.ts'

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

describe('a step that stops between any two of its commits', () => {
  /** A store that ends the process, as it were, after so many commits: nothing is written any more. */
  class DyingStore extends MemoryStore {
    commitsLeft = Number.POSITIVE_INFINITY
    override async commit(mutations: Parameters<MemoryStore['commit']>[0]) {
      expect(mutations, 'no commit counts on more than one key').toHaveLength(1)
      if (this.commitsLeft-- <= 0) throw new Error('the process is gone')
      return super.commit(mutations)
    }
  }

  function lifeOver(store: MemoryStore): PrefixLife {
    const parts = {
      store,
      cache: { invalidate: () => undefined },
      prefixes: { has: (prefix: string) => prefix === '88.1000', note: () => undefined },
      authority: { demandOverPrefix: async () => undefined },
      clock: new FakeClock(),
    }
    return new PrefixLife(parts as unknown as ConstructorParameters<typeof PrefixLife>[0])
  }

  const identity = { handle: parseHandle('88.1000/E'), index: 300 }
  const steps = [
    { action: 'apply', enterprise: 'E', contact: 'C' },
    { action: 'approve' },
    { action: 'home' },
    { action: 'suspend', reason: 'why' },
    { action: 'resume' },
    { action: 'revoke', reason: 'why' },
  ] as const

  test.each([0, 1, 2, 3])(
    'after %i commits it was taken whole or not at all, with the trail to match',
    async (commits) => {
      const store = new DyingStore()
      const taken: string[] = []
      for (const step of steps) {
        const request = { ...step, prefix: base.prefix, identity }
        store.commitsLeft = commits
        const outcome = await lifeOver(store)
          .take(request)
          .catch((error: Error) => error.message)
        if (typeof outcome === 'string') expect(outcome).toBe('the process is gone')
        store.commitsLeft = Number.POSITIVE_INFINITY
        await finishSteps(store)
        const isTaken = (await trail(store)).length > taken.length
        expect(isTaken).toBe(commits > 0)
        // Taken again by whoever was told nothing, if it was not.
        if (!isTaken) await lifeOver(store).take(request)
        taken.push(step.action)
        expect(await trail(store)).toEqual(taken)
        const state = decodeState(store.get(stateKey(base.prefix)) ?? new Uint8Array())
        expect([state.revision, state.pending, state.unaudited]).toEqual([taken.length, undefined, undefined])
        expect(store.get(recordKey) !== undefined).toBe(state.state === 'homed')
      }
    },
  )

  test.each([0, 1, 2, 3, 4, 5, 6])(
    'after %i commits an import was taken whole or not at all, and the same import again ends it',
    async (commits) => {
      const store = new DyingStore()
      const steps = ['apply', 'approve', 'home'] as const
      const states = ['applied', 'approved', 'homed'] as const
      const audit = steps.map((action, place) => ({
        prefix: base.prefix,
        revision: place + 1,
        action,
        from: states[place - 1],
        to: states[place] ?? 'homed',
        by: base.applicant,
        at: base.since,
      }))
      const arriving = { state: base, audit, record: [value] }
      store.commitsLeft = commits
      await lifeOver(store)
        .bring(arriving, identity)
        .catch((error: Error) => expect(error.message).toBe('the process is gone'))
      store.commitsLeft = Number.POSITIVE_INFINITY
      await finishSteps(store)
      expect(await trail(store)).toEqual(commits > 0 ? steps : [])
      const outcome = await lifeOver(store).bring(arriving, identity)
      expect(outcome).toBe(commits > 0 ? 'exists-identical' : 'created')
      expect(await trail(store)).toEqual(steps)
      expect(decodeState(store.get(stateKey(base.prefix)) ?? new Uint8Array())).toEqual(base)
      expect(Buffer.from(store.get(recordKey) ?? [])).toEqual(Buffer.from(record))
    },
  )

  test('of two steps decided on one state, one is taken and the trail names that one', async () => {
    const store = new DyingStore()
    const by = (action: 'apply' | 'approve' | 'reject') => ({
      action,
      prefix: base.prefix,
      identity,
      reason: 'why',
      enterprise: 'E',
      contact: 'C',
    })
    await lifeOver(store).take(by('apply'))
    const outcomes = await Promise.allSettled([
      lifeOver(store).take(by('approve')),
      lifeOver(store).take(by('reject')),
    ])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { state } = decodeState(store.get(stateKey(base.prefix)) ?? new Uint8Array())
    expect(await trail(store)).toEqual(['apply', state === 'approved' ? 'approve' : 'reject'])
  })

  async function trail(store: MemoryStore): Promise<string[]> {
    const { entries } = await store.scan({ keyPrefix: auditKeyPrefix(base.prefix), entriesMax: 100 })
    return entries.map(({ value }) => decodeAudit(value).action)
  }
})
