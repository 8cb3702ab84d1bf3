import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HandleError } from '../../src/errors.ts'
import {
  type PrefixAction,
  type PrefixState,
  type PrefixStateName,
  prefixActions,
  prefixSteps,
  stateAfter,
} from '../../src/prefixes/prefix-state.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'
import { basic } from '../support/node-process.ts'

/** Which step leads where, written out a second time: what is not here must be refused. */
const allowed: Readonly<Record<string, Partial<Record<PrefixAction, PrefixStateName>>>> = {
  none: { apply: 'applied' },
  applied: { approve: 'approved', reject: 'rejected', withdraw: 'withdrawn' },
  approved: { home: 'homed', delegate: 'delegated', withdraw: 'withdrawn' },
  rejected: { apply: 'applied' },
  withdrawn: { apply: 'applied' },
  homed: { suspend: 'suspended', revoke: 'revoked' },
  delegated: { delegate: 'delegated', suspend: 'suspended', revoke: 'revoked' },
  suspended: { resume: 'homed', revoke: 'revoked' },
  revoked: { apply: 'applied' },
}

describe('the steps of a prefix', () => {
  const cases = Object.keys(allowed).flatMap((state) =>
    prefixActions.map((action) => [state, action] as const),
  )
  test.each(cases)(
    'from %s, %s leads where it should or is refused with what is possible',
    (state, action) => {
      const present =
        state === 'none' ? undefined : ({ state, suspendedFrom: 'homed' } as unknown as PrefixState)
      const to = allowed[state]?.[action]
      if (to !== undefined) {
        expect(stateAfter(action, present)).toBe(to)
        return
      }
      expect(() => stateAfter(action, present)).toThrow(HandleError)
      const possible = Object.keys(allowed[state] ?? {})
      for (const name of possible) expect(() => stateAfter(action, present)).toThrow(name)
    },
  )

  test('a suspension ends where it began', () => {
    const suspended = { state: 'suspended', suspendedFrom: 'delegated' } as unknown as PrefixState
    expect(stateAfter('resume', suspended)).toBe('delegated')
  })
})

describe('over HTTP', () => {
  let node: MemoryNode
  let made = 0
  const applicant = basic('300:88.1000/ENTERPRISE', 'enterprise-secret')
  const stranger = basic('300:88.1000/STRANGER', 'stranger-secret')

  beforeAll(async () => {
    node = await startMemoryNode()
    for (const [name, secret] of [
      ['ENTERPRISE', 'enterprise-secret'],
      ['STRANGER', 'stranger-secret'],
    ]) {
      const body = [{ index: 300, type: 'HS_SECKEY', data: secret, permissions: '1100' }]
      expect((await node.administer(`/api/handles/88.1000/${name}`, { method: 'PUT', body })).status).toBe(
        201,
      )
    }
  })
  afterAll(() => node[Symbol.asyncDispose]())

  const freshPrefix = (): string => `88.1000.${++made}`
  const details = { enterprise: '合肥某机床厂', contact: 'hefei@example.org' }
  const site = {
    index: 1,
    type: 'HS_SITE.PREFIX',
    data: { format: 'base64', value: Buffer.alloc(20).toString('base64') },
  }

  async function take(
    prefix: string,
    action: PrefixAction,
    authorization = node.administrator,
    more: object = {},
  ) {
    const body = {
      ...(action === 'apply' ? details : {}),
      ...(action === 'delegate' ? { values: [site] } : {}),
      ...(prefixSteps[action].needsReason ? { reason: 'for a reason' } : {}),
      ...more,
    }
    return node.ask(`/api/prefixes/${prefix}/${action}`, { method: 'POST', authorization, body })
  }

  async function homed(): Promise<string> {
    const prefix = freshPrefix()
    expect((await take(prefix, 'apply', applicant)).json()).toMatchObject({ state: 'applied', ...details })
    expect((await take(prefix, 'approve')).json()).toMatchObject({ state: 'approved' })
    expect((await take(prefix, 'home')).json()).toMatchObject({ state: 'homed' })
    return prefix
  }

  const register = (prefix: string, authorization: string) =>
    node.ask(`/api/handles/${prefix}/P1`, {
      method: 'PUT',
      authorization,
      body: [{ index: 1, type: 'URL', data: 'https://p1.example/' }],
    })
  const resolve = async (prefix: string) => {
    const answer = await node.ask(`/api/handles/${prefix}/P1`)
    return [answer.status, answer.json().responseCode]
  }

  test('an enterprise applies, is approved and homed, and administers its own prefix', async () => {
    const prefix = await homed()
    expect((await register(prefix, stranger)).status).toBe(403)
    expect((await register(prefix, applicant)).status).toBe(201)
    expect(await resolve(prefix)).toEqual([200, 1])
  })

  test('suspending takes a prefix off the node at once, resuming brings it back as it was', async () => {
    const prefix = await homed()
    await register(prefix, applicant)
    expect((await take(prefix, 'suspend')).json()).toMatchObject({
      state: 'suspended',
      reason: 'for a reason',
    })
    const suspended = await node.ask(`/api/handles/${prefix}/P1`)
    expect([suspended.status, suspended.json().responseCode]).toEqual([400, 301])
    expect(suspended.text).toContain('is suspended at this node')
    expect((await register(prefix, applicant)).status).not.toBe(200)
    expect((await take(prefix, 'resume')).json()).toMatchObject({ state: 'homed' })
    expect(await resolve(prefix)).toEqual([200, 1])
    expect((await register(prefix, applicant)).status).toBe(200)
  })

  test('a revoked prefix is nobody’s, and can be applied for again', async () => {
    const prefix = await homed()
    await register(prefix, applicant)
    expect((await take(prefix, 'revoke')).json()).toMatchObject({ state: 'revoked' })
    expect(await resolve(prefix)).toEqual([400, 301])
    expect((await take(prefix, 'apply', stranger)).json()).toMatchObject({ state: 'applied' })
  })

  test('a delegated prefix is answered with where to ask, unless that is not wanted', async () => {
    const prefix = freshPrefix()
    await take(prefix, 'apply', applicant)
    await take(prefix, 'approve')
    expect((await take(prefix, 'delegate')).json()).toMatchObject({ state: 'delegated' })
    for (const asked of [`${prefix}/X`, `${prefix}.5/X`, `0.NA/${prefix}`]) {
      const answer = await node.ask(`/api/handles/${asked}`)
      expect([answer.status, answer.json().responseCode]).toEqual([300, 303])
      expect(answer.json().values).toMatchObject([{ type: 'HS_SITE.PREFIX' }])
    }
    expect((await node.ask(`/api/handles/${prefix}/X?doNotRefer`)).json().responseCode).toBe(301)
    expect((await node.ask(`/api/handles/${prefix}/X?index=1`)).json().responseCode).toBe(303)
    await take(prefix, 'suspend')
    expect((await node.ask(`/api/handles/${prefix}/X`)).text).toContain('is suspended')
    expect((await take(prefix, 'resume')).json()).toMatchObject({ state: 'delegated' })
    expect((await node.ask(`/api/handles/${prefix}/X`)).status).toBe(300)
  })

  test('a service handle is a service referral', async () => {
    const prefix = freshPrefix()
    await take(prefix, 'apply', applicant)
    await take(prefix, 'approve')
    const values = [{ index: 1, type: 'HS_SERV', data: '88.1000/SERVICE' }]
    expect((await take(prefix, 'delegate', node.administrator, { values })).status).toBe(200)
    const answer = await node.ask(`/api/handles/${prefix}/X`)
    expect([answer.status, answer.json().responseCode]).toEqual([300, 302])
  })

  test('each step asks who takes it', async () => {
    const prefix = freshPrefix()
    expect((await node.ask(`/api/prefixes/${prefix}/apply`, { method: 'POST', body: details })).status).toBe(
      401,
    )
    await take(prefix, 'apply', applicant)
    for (const action of ['approve', 'reject'] as const)
      expect((await take(prefix, action, applicant)).status).toBe(403)
    expect((await take(prefix, 'withdraw', stranger)).status).toBe(403)
    expect((await take(prefix, 'withdraw', applicant)).json()).toMatchObject({ state: 'withdrawn' })
  })

  test.each([
    ['apply', { enterprise: '' }, 202, 'enterprise is ""; expected 1 to 500 characters'],
    ['apply', { contact: 7 }, 4, 'contact is "7"; expected text'],
    ['reject', { reason: ' ' }, 202, 'reason is " "; expected why'],
    ['delegate', { values: [] }, 202, 'values is empty; expected HS_SITE.PREFIX'],
    ['delegate', { values: [{ index: 1, type: 'URL', data: 'x' }] }, 202, 'values has type "URL"; expected'],
    ['delegate', { values: {} }, 4, 'values is "{}"; expected an array'],
  ] as const)('a wrong field of %s is named: %j', async (action, more, responseCode, said) => {
    const prefix = freshPrefix()
    if (action !== 'apply') await take(prefix, 'apply', applicant)
    if (action === 'delegate') await take(prefix, 'approve')
    const answer = await take(prefix, action, node.administrator, more)
    expect(answer.json()).toMatchObject({ responseCode, message: expect.stringContaining(said) })
  })

  test('a step that is not possible is a conflict that says what is', async () => {
    const prefix = await homed()
    const answer = await take(prefix, 'approve')
    expect(answer.status).toBe(409)
    expect(answer.json().message).toContain(
      'the prefix is homed: approve is not possible; expected suspend or revoke',
    )
  })

  test('of reviewers who decide at the same moment one is heard', async () => {
    for (let round = 0; round < 5; round++) {
      const prefix = freshPrefix()
      await take(prefix, 'apply', applicant)
      const answers = await Promise.all([
        take(prefix, 'approve'),
        take(prefix, 'reject'),
        take(prefix, 'approve'),
      ])
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409])
      const audit = (await node.administer(`/api/prefixes/${prefix}/audit`)).json().entries as unknown[]
      expect(audit).toHaveLength(2)
    }
  })

  test('the audit trail holds every step with who, when and why, for the applicant and for reviewers', async () => {
    const prefix = await homed()
    await take(prefix, 'suspend', node.administrator, { reason: '证书过期' })
    for (const authorization of [applicant, node.administrator]) {
      const { entries } = (await node.ask(`/api/prefixes/${prefix}/audit`, { authorization })).json()
      expect(entries).toMatchObject([
        { revision: 1, action: 'apply', to: 'applied', by: '300:88.1000/ENTERPRISE' },
        { revision: 2, action: 'approve', from: 'applied', by: '300:88.1000/ADMIN' },
        { revision: 3, action: 'home', to: 'homed' },
        { revision: 4, action: 'suspend', to: 'suspended', reason: '证书过期' },
      ])
    }
    expect((await node.ask(`/api/prefixes/${prefix}/audit`, { authorization: stranger })).status).toBe(403)
  })

  test('reviewers list by state in pages and export all with their audit trails', async () => {
    const { prefixes } = (await node.administer('/api/prefixes?state=suspended')).json()
    expect((prefixes as PrefixState[]).every(({ state }) => state === 'suspended')).toBe(true)
    const all: string[] = []
    let query = ''
    for (;;) {
      const page = (await node.administer(`/api/prefixes?limit=3${query}`)).json()
      all.push(...(page.prefixes as PrefixState[]).map(({ prefix }) => prefix))
      if (page.cursor === undefined) break
      query = `&after=${page.cursor}`
    }
    expect(all.length).toBeGreaterThan(5)
    expect(new Set(all).size).toBe(all.length)
    const lines = (await node.administer('/api/prefixes/export')).text.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).prefix)).toEqual(all)
    for (const line of lines) expect(JSON.parse(line).audit).toHaveLength(JSON.parse(line).revision)
    expect((await node.ask('/api/prefixes', { authorization: stranger })).json().prefixes).toEqual([])
  })

  test('only what lies below a homed prefix is given', async () => {
    expect((await take('88.7.1', 'apply', applicant)).json().responseCode).toBe(301)
    expect((await take('88', 'apply', applicant)).json().responseCode).toBe(102)
  })

  test('any sequence of steps leaves the node answering as the state says', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.constantFrom(...prefixActions), { minLength: 1, maxLength: 12 }),
      async (actions) => {
        const prefix = freshPrefix()
        let state = 'none'
        let suspendedFrom: PrefixStateName = 'homed'
        for (const action of actions) {
          let to = allowed[state]?.[action]
          if (state === 'suspended' && action === 'resume') to = suspendedFrom
          if (action === 'suspend' && to !== undefined) suspendedFrom = state as PrefixStateName
          const author = prefixSteps[action].by === 'applicant' ? applicant : node.administrator
          expect((await take(prefix, action, author)).status).toBe(to === undefined ? 409 : 200)
          state = to ?? state
          const { status } = await node.ask(`/api/handles/${prefix}/NOBODY`)
          expect(status).toBe(state === 'homed' ? 404 : state === 'delegated' ? 300 : 400)
        }
      },
    )
    await fc.assert(property, { numRuns: 25 })
  })
})
