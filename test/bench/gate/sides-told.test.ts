import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { UsageError } from '../../../bench/cli/flags.ts'
import { tellSide, tellWorkload } from '../../../bench/gate/sides-told.ts'

const head = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()

test('a reference is told as the commit that it stands for, this work tree as its own', async () => {
  expect(await tellSide('HEAD')).toBe(head)
  expect(await tellSide('.')).toMatch(new RegExp(`^${head}(?:\\+dirty)?$`))
  await expect(tellSide('no-such-reference')).rejects.toThrow(UsageError)
})

test('an address and a file are told as they are given', async () => {
  for (const at of ['http://127.0.0.1:8000', fileURLToPath(import.meta.url)])
    expect(await tellSide(at)).toBe(at)
})

test('a load is told by what is asked, how often or by how many, over how much', () => {
  const load = { preset: 'traceability', identifiers: 100_000, rate: 2000 }
  expect(tellWorkload(load)).toBe('traceability at 2000/s over 100000 identifiers')
  expect(tellWorkload({ ...load, clients: 5 })).toBe('traceability by 5 clients over 100000 identifiers')
  expect(tellWorkload({ ...load, rate: [2000, 5000] })).toBe(
    'traceability at 2000,5000/s over 100000 identifiers',
  )
})
