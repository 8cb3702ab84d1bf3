import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyIndex } from '../../src/cache/key-index.ts'
import { noSlot } from '../../src/cache/slot-lists.ts'
import { TextHash } from '../../src/cache/text-hash.ts'
import { hashSecret } from '../support/hash-secret.ts'

const hashText = (text: string): number => spread.of(text)
const spread = new TextHash(hashSecret(7))

const step = fc.record({ key: fc.integer({ min: 0, max: 200 }), remove: fc.boolean() })

// All keys in one shard and few first places: long probes, wraps and closing of holes in every run.
const crowded = (key: string): number => (Number(key) % 5) * 7

for (const [name, hash] of [
  ['spread', hashText],
  ['crowded', crowded],
] as const) {
  test(`finds what was added and not removed, as a Map does, with ${name} hashes`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 500, size: 'max' }), (steps) => {
        const keys: string[] = []
        const index = new KeyIndex(501, (slot, key) => keys[slot] === key)
        const model = new Map<string, number>()
        for (const { key: number, remove } of steps) {
          const key = String(number)
          const found = index.find(key, hash(key))
          expect(found).toBe(model.get(key) ?? noSlot)
          if (remove && found !== noSlot) {
            index.remove(found)
            model.delete(key)
          } else if (!remove && found === noSlot) {
            keys.push(key)
            index.add(keys.length - 1, hash(key))
            model.set(key, keys.length - 1)
          }
        }
        for (const [key, slot] of model) expect(index.find(key, hash(key))).toBe(slot)
      }),
    )
  })
}

test('slots beyond those that a Map could hold are found', () => {
  const first = 2 ** 24 - 500
  const keyOf = (slot: number): string => String(slot)
  const index = new KeyIndex(first + 1000, (slot, key) => keyOf(slot) === key)
  for (let slot = first; slot < first + 1000; slot++) index.add(slot, hashText(keyOf(slot)))
  for (let slot = first; slot < first + 1000; slot += 2) index.remove(slot)
  for (let slot = first; slot < first + 1000; slot++) {
    expect(index.find(keyOf(slot), hashText(keyOf(slot)))).toBe(slot % 2 === first % 2 ? noSlot : slot)
  }
})
