import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { storePlace } from '../../../bench/scale/store-place.ts'

const above = mkdtempSync(join(tmpdir(), 'erji-store-place-'))
afterAll(() => rmSync(above, { recursive: true }))

test('a directory that is not there yet is made', () => {
  const data = join(above, 'not', 'there')
  const place = storePlace({ data, prefix: '88.118', seed: 42 }, { identifiers: 1000 })
  expect(place).toMatchObject({ directory: join(data, 'erji-scale-88.118-42-1000') })
  expect(existsSync(join(data, 'erji-scale-88.118-42-1000'))).toBe(true)
})

test('what the disk has no room for is a sentence and no directory', () => {
  const place = storePlace({ data: above, prefix: '88.118', seed: 42 }, { identifiers: 1e13 })
  expect(place).toEqual({ shortage: expect.stringMatching(/need about [\d.]+ GiB in .* GiB free$/) })
  expect(existsSync(join(above, 'erji-scale-88.118-42-10000000000000'))).toBe(false)
})
