import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PrefixAction } from '../../src/prefixes/prefix-state.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'
import { basic } from '../support/node-process.ts'

const details = { enterprise: '合肥某机床厂', contact: 'hefei@example.org' }
const site = {
  index: 1,
  type: 'HS_SITE.PREFIX',
  data: { format: 'base64', value: Buffer.alloc(20).toString('base64') },
}

let from: MemoryNode
let made = 0
beforeAll(async () => {
  from = await startMemoryNode()
})
afterAll(() => from[Symbol.asyncDispose]())

type Line = Readonly<Record<string, unknown>> & { readonly prefix: string }

async function take(node: MemoryNode, prefix: string, ...actions: readonly PrefixAction[]): Promise<void> {
  for (const action of actions) {
    const body = {
      ...(action === 'apply' ? details : {}),
      ...(action === 'delegate' ? { values: [site] } : {}),
      ...(action === 'suspend' || action === 'revoke' || action === 'reject' ? { reason: '证书过期' } : {}),
    }
    const answer = await node.administer(`/api/prefixes/${prefix}/${action}`, { method: 'POST', body })
    expect(answer.status, answer.text).toBe(200)
  }
}

async function given(...actions: readonly PrefixAction[]): Promise<string> {
  const prefix = `88.1000.${++made}`
  await take(from, prefix, ...actions)
  return prefix
}

async function linesOf(node: MemoryNode): Promise<Line[]> {
  const { text } = await node.administer('/api/prefixes/export')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

async function lineOf(node: MemoryNode, prefix: string): Promise<Line> {
  const line = (await linesOf(node)).find((candidate) => candidate.prefix === prefix)
  expect(line, prefix).toBeDefined()
  return line ?? { prefix }
}

const bring = (node: MemoryNode, line: Line, authorization = node.administrator) =>
  node.ask(`/api/prefixes/${line.prefix}`, { method: 'PUT', authorization, body: line })

const homing = ['apply', 'approve', 'home'] as const
const delegating = ['apply', 'approve', 'delegate'] as const

/** A way for each state in which a prefix can be when it moves. */
const ways: readonly (readonly PrefixAction[])[] = [
  ['apply'],
  ['apply', 'approve'],
  ['apply', 'reject'],
  ['apply', 'withdraw'],
  homing,
  delegating,
  [...homing, 'suspend'],
  [...delegating, 'suspend'],
  [...homing, 'suspend', 'resume'],
  [...delegating, 'suspend', 'resume'],
  [...homing, 'revoke'],
]

describe('a prefix that another node brings', () => {
  test.each(ways)(
    'stands there as it stood here, and a second time changes nothing: %j …',
    async (...way) => {
      await using to = await startMemoryNode()
      const prefix = await given(...way)
      const line = await lineOf(from, prefix)
      expect((await bring(to, line)).json()).toEqual({ responseCode: 1, prefix, status: 'created' })
      expect(untimed(await lineOf(to, prefix))).toEqual(untimed(line))
      expect((await bring(to, line)).json()).toMatchObject({ status: 'exists-identical' })
      for (const path of [`/api/prefixes/${prefix}`, `/api/prefixes/${prefix}/audit`]) {
        expect((await to.administer(path)).json()).toEqual((await from.administer(path)).json())
      }
      const statusOf = async (node: MemoryNode) => (await node.ask(`/api/handles/${prefix}/X`)).status
      expect(await statusOf(to)).toBe(await statusOf(from))
    },
  )

  test('goes on there as it would have here: what was suspended is resumed with its record', async () => {
    await using to = await startMemoryNode()
    const prefix = await given(...homing)
    const url = { index: 7, type: 'URL', data: 'https://factory.example/' }
    const edit = { method: 'PUT', body: [url] }
    expect((await from.administer(`/api/handles/0.NA/${prefix}?index=7`, edit)).status).toBe(201)
    await take(from, prefix, 'suspend')
    await bring(to, await lineOf(from, prefix))
    expect((await to.ask(`/api/handles/0.NA/${prefix}`)).status).toBe(400)
    await take(to, prefix, 'resume')
    expect((await to.ask(`/api/handles/0.NA/${prefix}`)).text).toContain(url.data)
    expect((await to.administer(`/api/prefixes/${prefix}/audit`)).json().entries).toHaveLength(5)
  })

  test('takes what was done at the old node since, and no more', async () => {
    await using to = await startMemoryNode()
    const prefix = await given('apply', 'approve')
    await bring(to, await lineOf(from, prefix))
    for (const action of ['home', 'suspend', 'resume', 'revoke'] as const) {
      await take(from, prefix, action)
      const line = await lineOf(from, prefix)
      expect((await bring(to, line)).json()).toMatchObject({ status: 'advanced' })
      expect(untimed(await lineOf(to, prefix))).toEqual(untimed(line))
      const { status } = await to.ask(`/api/handles/${prefix}/X`)
      expect(status).toBe(action === 'home' || action === 'resume' ? 404 : 400)
    }
  })

  test('is brought as a record alone where it was homed without a history, and joins one that is homed so here', async () => {
    await using configured = await startMemoryNode({ prefix: ['88.1000', '88.1000.999'] })
    await using to = await startMemoryNode()
    const line = await lineOf(configured, '88.1000.999')
    expect(line).toMatchObject({ state: 'homed', revision: 0, audit: [], record: [{ type: 'HS_ADMIN' }] })
    expect((await bring(to, line)).json()).toMatchObject({ status: 'created' })
    expect((await bring(to, line)).json()).toMatchObject({ status: 'exists-identical' })
    expect((await to.ask('/api/handles/88.1000.999/X')).status).toBe(404)
    expect(untimed(await lineOf(to, line.prefix))).toEqual(untimed(line))

    await take(configured, line.prefix, 'suspend')
    expect((await bring(to, await lineOf(configured, line.prefix))).json()).toMatchObject({
      status: 'advanced',
    })
    expect((await to.ask('/api/handles/88.1000.999/X')).text).toContain('is suspended')
  })

  test('is refused where it contradicts what is known here, and nothing changes', async () => {
    await using to = await startMemoryNode()
    const prefix = await given(...homing)
    const line = await lineOf(from, prefix)
    const refused = async (arriving: Line, said: string) => {
      const before = await linesOf(to)
      const answer = await bring(to, arriving)
      expect([answer.status, answer.json().message]).toEqual([409, expect.stringContaining(said)])
      expect(await linesOf(to)).toEqual(before)
    }
    to.clock.advanceSeconds(60)
    await take(to, prefix, 'apply')
    await refused(line, `prefix "${prefix}" took another step 1 here: apply by 300:88.1000/ADMIN at`)

    const other = await given(...homing)
    const older = await lineOf(from, other)
    await bring(to, older)
    await refused({ ...older, contact: 'else@example.org' }, 'is not said the same of')
    const record = [{ index: 7, type: 'URL', data: 'https://else.example/' }]
    await refused({ ...older, record }, `has other values in 0.NA/${other} here`)
    await take(to, other, 'suspend')
    await refused(older, 'is at step 4 here, beyond step 3 of what arrives')
  })

  test('needs the right that every review needs, and a parent that is homed', async () => {
    await using to = await startMemoryNode()
    const line = await lineOf(from, await given(...homing))
    expect((await to.ask(`/api/prefixes/${line.prefix}`, { method: 'PUT', body: line })).status).toBe(401)
    const body = [{ index: 300, type: 'HS_SECKEY', data: 'a-secret', permissions: '1100' }]
    await to.administer('/api/handles/88.1000/SOMEBODY', { method: 'PUT', body })
    expect((await bring(to, line, basic('300:88.1000/SOMEBODY', 'a-secret'))).status).toBe(403)
    await using elsewhere = await startMemoryNode({ prefix: '88.2000' })
    const answer = await bring(elsewhere, line)
    expect([answer.status, answer.json().responseCode]).toEqual([400, 301])
  })

  test('leaves out a record that whoever exports may not read, and is refused for want of it', async () => {
    const prefix = await given(...homing)
    const hidden = [{ index: 9, type: 'HS_SECKEY', data: 'hidden', permissions: '1100' }]
    await from.administer(`/api/handles/0.NA/${prefix}?index=9`, { method: 'PUT', body: hidden })
    const reviewer = [{ index: 300, type: 'HS_SECKEY', data: 'reviewer-secret', permissions: '1100' }]
    await from.administer('/api/handles/88.1000/REVIEWER', { method: 'PUT', body: reviewer })
    const permissions = '000000000100'
    const right = {
      index: 101,
      type: 'HS_ADMIN',
      data: { format: 'admin', value: { handle: '88.1000/REVIEWER', index: 300, permissions } },
    }
    await from.administer('/api/handles/0.NA/88.1000?index=101', { method: 'PUT', body: [right] })
    const authorization = basic('300:88.1000/REVIEWER', 'reviewer-secret')
    const { text } = await from.ask('/api/prefixes/export', { authorization })
    expect(text).toContain(`"${prefix}"`)
    expect(text).not.toContain('hidden')
    await using to = await startMemoryNode()
    const { record: _record, ...line } = await lineOf(from, prefix)
    expect((await bring(to, line as Line)).json()).toMatchObject({
      responseCode: 202,
      message: `record is missing; expected the values of 0.NA/${prefix}, which are exported for whoever may read them`,
    })
  })
})

describe('a field that holds what no node exports', () => {
  const wrong: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ colour: 'red' }, 'field "colour" is unknown; expected prefix, state'],
    [{ prefix: '88.1000.77777' }, 'prefix is "88.1000.77777"; expected "88.1000.'],
    [{ state: 'lost' }, 'state is "lost"; expected one of applied'],
    [{ state: 'approved' }, 'state is "approved"; expected "homed", where the audit trail ends'],
    [{ revision: 2 }, 'revision is 2; expected 3, the number of steps'],
    [{ since: 'yesterday' }, 'since is "yesterday"; expected a moment such as'],
    [{ since: '2026-12-31T00:00:00Z' }, 'since is "2026-12-31T00:00:00Z"; expected'],
    [{ enterprise: 7 }, 'enterprise is 7; expected text of at most 500 characters'],
    [{ contact: 'x'.repeat(501) }, 'expected text of at most 500 characters'],
    [{ applicant: 'ADMIN' }, 'applicant is "ADMIN"; expected index:handle'],
    [
      { applicant: '9999999999:88.118/ADMIN' },
      'applicant is "9999999999:88.118/ADMIN"; expected index:handle',
    ],
    [{ applicant: '' }, 'applicant is ""; expected index:handle'],
    [{ reason: 'r'.repeat(2001) }, 'expected text of at most 2000 characters'],
    [{ suspendedFrom: 'homed' }, 'suspendedFrom is "homed"; expected'],
    [{ delegation: [site] }, 'delegation is [{"index":1'],
    [{ record: {} }, 'values is {}; expected an array of values'],
    [{ audit: undefined }, 'audit is missing; expected an array of the steps'],
    [{ audit: ['apply'] }, 'audit[0] is "apply"; expected an object'],
  ]
  test.each(wrong)('is named: %j', async (field, said) => {
    const line = await lineOf(from, await given(...homing))
    const answer = await from.administer(`/api/prefixes/${line.prefix}`, {
      method: 'PUT',
      body: { ...line, ...field },
    })
    expect(answer.json()).toMatchObject({ responseCode: 202, message: expect.stringContaining(said) })
  })

  const wrongSteps: readonly (readonly [number, Record<string, unknown>, string])[] = [
    [0, { prefix: '88.1000.77777' }, 'audit[0].prefix is "88.1000.77777"; expected'],
    [0, { action: 'lend' }, 'audit[0].action is "lend"; expected one of apply'],
    [1, { revision: 3 }, 'audit[1].revision is 3; expected 2, the number of the step'],
    [1, { from: 'homed' }, 'audit[1].from is "homed"; expected "applied"'],
    [2, { action: 'delegate' }, 'audit[2] is "delegate from approved to homed"; expected a step'],
    [0, { from: 'approved' }, 'audit[0] is "apply from approved to applied"; expected a step'],
    [2, { by: 'nobody' }, 'audit[2].by is "nobody"; expected index:handle'],
    [2, { at: 0 }, 'audit[2].at is 0; expected a moment'],
  ]
  test.each(wrongSteps)('is named in step %i: %j', async (place, field, said) => {
    const line = await lineOf(from, await given(...homing))
    const steps = line.audit as readonly object[]
    const audit = steps.map((step, at) => (at === place ? { ...step, ...field } : step))
    const answer = await from.administer(`/api/prefixes/${line.prefix}`, {
      method: 'PUT',
      body: { ...line, audit },
    })
    expect(answer.json()).toMatchObject({ responseCode: 202, message: expect.stringContaining(said) })
  })
})

/** A node gives the values of a record times of its own. */
function untimed(line: Line): object {
  const values = line.record as readonly Record<string, unknown>[] | undefined
  return { ...line, record: values?.map(({ timestamp: _timestamp, ...value }) => value) }
}
