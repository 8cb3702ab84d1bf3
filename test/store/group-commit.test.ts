import { expect, test } from 'vitest'
import { type CommitRequest, GroupCommit } from '../../src/store/group-commit.ts'
import type { Mutation, MutationResult } from '../../src/store/store.ts'

const put = (key: string): Mutation => ({
  key,
  value: Buffer.from(key),
  precondition: { kind: 'absent' },
})
const applied: MutationResult = { applied: true, previous: undefined }
const keysOf = (group: readonly CommitRequest[]): string[] =>
  group.flatMap(({ mutations }) => mutations.map(({ key }) => key))

/** Writes nothing, but notes each group and answers it a turn later. */
function recording(groupMutationsMax: number) {
  const groups: string[][] = []
  let underWay = 0
  const commits = new GroupCommit(
    async (group) => {
      expect(++underWay).toBe(1)
      groups.push(keysOf(group))
      await new Promise((resolve) => setImmediate(resolve))
      underWay--
      for (const { mutations, resolve } of group) resolve(mutations.map(() => applied))
    },
    { groupMutationsMax },
  )
  return { groups, commits }
}

test('what comes in one turn is one group, and what comes while it is written is the next', async () => {
  const { groups, commits } = recording(100)
  const first = [commits.commit([put('a')]), commits.commit([put('b'), put('c')])]
  await new Promise((resolve) => setImmediate(resolve))
  const second = [commits.commit([put('d')]), commits.commit([put('e')])]
  await Promise.all([...first, ...second])
  expect(groups).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ])
})

test('a group holds no more than its bound, in order, and a request that alone is larger goes alone', async () => {
  const { groups, commits } = recording(2)
  await Promise.all([
    commits.commit([put('a')]),
    commits.commit([put('b')]),
    commits.commit([put('c'), put('d'), put('e')]),
    commits.commit([put('f')]),
  ])
  expect(groups).toEqual([['a', 'b'], ['c', 'd', 'e'], ['f']])
})

test('closing answers what was accepted and refuses what comes after', async () => {
  const { groups, commits } = recording(1)
  const accepted = [commits.commit([put('a')]), commits.commit([put('b')])]
  const closing = commits.close()
  await expect(commits.commit([put('late')])).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  await closing
  expect(await Promise.all(accepted)).toEqual([[applied], [applied]])
  expect(groups).toEqual([['a'], ['b']])
})
