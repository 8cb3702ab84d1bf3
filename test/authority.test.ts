import { describe, expect, test } from 'vitest'
import type { Identity } from '../src/authenticator.ts'
import { type AdminRight, Authority } from '../src/authority.ts'
import { adminPermission } from '../src/identifier/admin-data.ts'
import { parseHandle } from '../src/identifier/handle.ts'
import type { HandleValue } from '../src/identifier/value.ts'
import { assertMayPut, assertMayRemove } from '../src/value-changes.ts'
import { administration, group, plainValue, resolverOver } from './support/permission-core.ts'

const rights = Object.keys(adminPermission) as AdminRight[]
const someone: Identity = { handle: parseHandle('88.1/SOMEONE'), index: 300 }
const reference = { handle: '88.1/SOMEONE', index: 300 }
const record = parseHandle('88.1/Sn-1')

describe('each right is one of its own', () => {
  test.each(rights)('%s is granted by its bit, and by no other', async (right) => {
    const authority = new Authority(await resolverOver({ '0.NA/88.1': [] }))
    const others = rights.filter((other) => other !== right)
    await authority.demand(someone, right, record, [administration(100, reference, [right])])
    const refused = authority.demand(someone, right, record, [administration(100, reference, others)])
    await expect(refused).rejects.toMatchObject({ code: 'NOT_PERMITTED' })
    await expect(refused).rejects.toThrow(`300:88.1/SOMEONE lacks the right ${right} over "88.1/Sn-1"`)
  })
})

describe('each change of values takes its right', () => {
  const text = (index: number): HandleValue => plainValue(index, 'URL', Buffer.from('x'))
  const admin = (index: number): HandleValue => administration(index, { handle: '88.1/X', index: 1 }, [])
  type Change = (authority: Authority, values: readonly HandleValue[]) => Promise<void>
  const put =
    (value: HandleValue): Change =>
    (authority, values) =>
      assertMayPut(authority, { handle: record, record: { values }, identity: someone }, [value])
  const remove =
    (index: number): Change =>
    (authority, values) =>
      assertMayRemove(authority, { handle: record, record: { values }, identity: someone }, [index])
  test.each<readonly [string, Change, readonly AdminRight[]]>([
    ['adding a value', put(text(3)), ['addValue']],
    ['adding an administrator', put(admin(3)), ['addAdmin']],
    ['replacing a value', put(text(1)), ['modifyValue']],
    ['replacing an administrator', put(admin(2)), ['modifyAdmin']],
    ['putting an administrator in a value’s place', put(admin(1)), ['removeValue', 'addAdmin']],
    ['putting a value in an administrator’s place', put(text(2)), ['removeAdmin', 'addValue']],
    ['removing a value', remove(1), ['removeValue']],
    ['removing an administrator', remove(2), ['removeAdmin']],
  ])('%s', async (_what, change, needed) => {
    const authority = new Authority(await resolverOver({ '0.NA/88.1': [] }))
    const values = (granted: readonly AdminRight[]) => [
      text(1),
      admin(2),
      administration(100, reference, granted),
    ]
    await change(authority, values(needed))
    for (const missing of needed) {
      const refused = change(authority, values(rights.filter((right) => right !== missing)))
      await expect(refused).rejects.toThrow(`lacks the right ${missing} `)
    }
  })
})

describe('creating', () => {
  test.each([
    ['a handle', '88.1/New', 'addHandle', 'addDerivedPrefix'],
    ['a derived prefix', '0.NA/88.1.5', 'addDerivedPrefix', 'addHandle'],
  ] as const)('%s takes the right %s over the prefix', async (_what, handle, needed, other) => {
    const grant = async (right: AdminRight) =>
      new Authority(await resolverOver({ '0.NA/88.1': [administration(100, reference, [right])] }))
    await (await grant(needed)).demandCreation(someone, parseHandle(handle))
    const refused = (await grant(other)).demandCreation(someone, parseHandle(handle))
    await expect(refused).rejects.toMatchObject({ code: 'NOT_PERMITTED' })
  })

  test('a prefix of the first level is in nobody’s gift', async () => {
    const authority = new Authority(
      await resolverOver({ '0.NA/88': [administration(100, reference, rights)] }),
    )
    await authority.demandCreation(someone, parseHandle('0.NA/88.7'))
    const refused = authority.demandCreation(someone, parseHandle('0.NA/89'))
    await expect(refused).rejects.toMatchObject({ code: 'NOT_PERMITTED' })
  })
})

describe('who is meant', () => {
  const asked = async (
    records: Readonly<Record<string, readonly HandleValue[]>>,
    administrator: { handle: string; index: number },
  ): Promise<'permitted' | 'refused'> => {
    const authority = new Authority(await resolverOver({ '0.NA/88.1': [], ...records }))
    const values = [administration(100, administrator, ['modifyValue'])]
    return authority.demand(someone, 'modifyValue', record, values).then(
      () => 'permitted',
      (error: { code: string }) => {
        expect(error.code).toBe('NOT_PERMITTED')
        return 'refused'
      },
    )
  }
  const team = { handle: '88.1/TEAM', index: 200 }

  test.each([
    ['in another case', { handle: '88.1/someone', index: 300 }, 'permitted'],
    ['with another index', { handle: '88.1/SOMEONE', index: 301 }, 'refused'],
    ['by another handle', { handle: '88.1/SOMEBODY', index: 300 }, 'refused'],
    ['by index 0', { handle: '88.1/SOMEONE', index: 0 }, 'refused'],
    ['by text that is no handle', { handle: 'nothing', index: 300 }, 'refused'],
  ] as const)('named %s', async (_how, administrator, expected) => {
    expect(await asked({}, administrator)).toBe(expected)
  })

  test.each<readonly [string, Readonly<Record<string, readonly HandleValue[]>>, 'permitted' | 'refused']>([
    ['a group that holds the identity', { '88.1/TEAM': [group(200, [reference])] }, 'permitted'],
    [
      'a group of groups that holds it',
      {
        '88.1/TEAM': [group(200, [{ handle: '88.1/INNER', index: 7 }])],
        '88.1/INNER': [group(7, [reference])],
      },
      'permitted',
    ],
    [
      'a group in which it stands behind one that is not there',
      { '88.1/TEAM': [group(200, [{ handle: '99.9/GONE', index: 1 }, reference])] },
      'permitted',
    ],
    ['a group without it', { '88.1/TEAM': [group(200, [{ handle: '88.1/OTHER', index: 300 }])] }, 'refused'],
    ['an empty group', { '88.1/TEAM': [group(200, [])] }, 'refused'],
    ['a group at another index', { '88.1/TEAM': [group(201, [reference])] }, 'refused'],
    ['a record that is not there', {}, 'refused'],
    [
      'a value that is no group',
      { '88.1/TEAM': [plainValue(200, 'URL', group(1, [reference]).data)] },
      'refused',
    ],
    [
      'a group whose data is damaged',
      { '88.1/TEAM': [plainValue(200, 'HS_VLIST', Buffer.of(1, 2, 3))] },
      'refused',
    ],
    ['a group that holds itself', { '88.1/TEAM': [group(200, [team])] }, 'refused'],
    [
      'two groups that hold each other, each twice',
      {
        '88.1/TEAM': [
          group(
            200,
            [1, 2].map(() => ({ handle: '88.1/INNER', index: 7 })),
          ),
        ],
        '88.1/INNER': [group(7, [team, team])],
      },
      'refused',
    ],
  ])('%s', async (_what, records, expected) => {
    expect(await asked(records, team)).toBe(expected)
  })

  test('an HS_ADMIN value that cannot be read grants nothing and hides no other', async () => {
    const authority = new Authority(await resolverOver({ '0.NA/88.1': [] }))
    const damaged = plainValue(99, 'HS_ADMIN', Buffer.of(0xff, 0xff, 0))
    await expect(authority.demand(someone, 'readValue', record, [damaged])).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    })
    await authority.demand(someone, 'readValue', record, [
      damaged,
      administration(100, reference, ['readValue']),
    ])
  })
})
