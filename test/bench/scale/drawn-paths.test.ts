import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  askedPath,
  mostAsked,
  neverAskedBefore,
  takingTurns,
  writeBurst,
} from '../../../bench/scale/drawn-paths.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'

const generator = createRecordGenerator({ prefix: '88.118', seed: 42 })

test('absent handles are asked for once each, and are none that was registered', () => {
  const identifiers = 500
  const workload = neverAskedBefore({ identifiers, seed: 42 })
  const asked = Array.from({ length: identifiers }, () => askedPath(workload.next() as never, generator))
  const registered = new Set(
    Array.from({ length: identifiers }, (_, ordinal) =>
      askedPath({ kind: 'resolve', ordinal, revision: 0 }, generator),
    ),
  )
  expect(new Set(asked).size).toBe(identifiers)
  expect(asked.filter((path) => registered.has(path))).toEqual([])
})

test('the most asked identifiers are those that come most often', () => {
  const drawn = takingTurns([7, 3, 7, 5, 7, 3])
  expect(mostAsked(drawn, { drawn: 600, most: 2 })).toEqual([7, 3])
})

test('a burst holds every drawn path in its order, one a line', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'erji-burst-'))
  try {
    const { script } = await writeBurst(directory, ['/api/handles/a', '/api/handles/b'])
    expect(await readFile(join(directory, 'paths'), 'utf8')).toBe('/api/handles/a\n/api/handles/b\n')
    expect(await readFile(script, 'utf8')).toContain(join(directory, 'paths'))
    const many = Array.from({ length: 25_001 }, (_, place) => `/api/handles/${place}`)
    await writeBurst(directory, many)
    expect(await readFile(join(directory, 'paths'), 'utf8')).toBe(`${many.join('\n')}\n`)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
