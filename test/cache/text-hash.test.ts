import { describe, expect, test } from 'vitest'
import { KeyIndex } from '../../src/cache/key-index.ts'
import { noSlot } from '../../src/cache/slot-lists.ts'
import { TextHash } from '../../src/cache/text-hash.ts'
import { createPrng } from '../../src/support/prng.ts'
import { hashSecret } from '../support/hash-secret.ts'

const hashes = [1, 2, 3, 4].map((seed) => new TextHash(hashSecret(seed)))

test('is the same for one secret and another for another', () => {
  const texts = ['', 'A', '88.118/DEVICE-1', '88.118/设备-1', '\uD83D\uDE00']
  const ofAll = (hash: TextHash): number[] => texts.map((text) => hash.of(text))
  expect(ofAll(new TextHash(hashSecret(1)))).toEqual(hashes[0] && ofAll(hashes[0]))
  expect(ofAll(new TextHash())).not.toEqual(ofAll(new TextHash()))
})

describe('keys that were searched to collide by FNV-1a, whatever comes before and behind', () => {
  const collide = collidingUnderFnv({ pairs: 12, seed: 5 })

  test('do so', () => {
    expect(collide).toHaveLength(4096)
    expect(new Set(collide).size).toBe(4096)
    expect(new Set(collide.map(fnv)).size).toBe(1)
  })

  test.each(hashes.map((hash, place) => ({ hash, place })))(
    'do not collide with secret $place',
    ({ hash }) => {
      expect(new Set(collide.map((key) => hash.of(key))).size).toBeGreaterThan(4090)
    },
  )

  test('are found in an index after a few keys, where they would be after thousands', () => {
    const compared = (hash: (key: string) => number): number => {
      let asked = 0
      const index = new KeyIndex(collide.length, (slot, key) => {
        asked++
        return collide[slot] === key
      })
      collide.forEach((key, slot) => {
        index.add(slot, hash(key))
      })
      for (const key of collide) expect(index.find(key, hash(key))).not.toBe(noSlot)
      return asked / collide.length
    }
    const [first] = hashes as [TextHash]
    expect(compared((key) => first.of(key))).toBeLessThan(1.01)
    expect(compared(fnv)).toBeGreaterThan(1000)
  })
})

test('no difference of two characters cancels itself out for many secrets', () => {
  const prng = createPrng(9)
  const secrets = Array.from({ length: 2000 }, (_, seed) => new TextHash(hashSecret(100 + seed)))
  // A character's top bit, and what a multiplication leaves of it, is what a hash by a secret start alone lets through.
  const bits = [...Array.from({ length: 8 }, (_, bit) => 1 << bit), 0x80 ^ 0x40, 0x80 ^ 0x01]
  for (let pair = 0; pair < 200; pair++) {
    const text = Array.from({ length: 16 }, () => 0x30 + prng.nextBelow(0x40))
    const other = [...text]
    for (let change = 0; change < 2; change++) {
      const place = prng.nextBelow(16)
      other[place] = (other[place] as number) ^ (bits[prng.nextBelow(bits.length)] as number)
    }
    const [one, two] = [String.fromCharCode(...text), String.fromCharCode(...other)]
    if (one === two) continue
    expect(secrets.filter((hash) => hash.of(one) === hash.of(two)).length).toBeLessThan(2)
  }
})

test.each([
  ['numbered handles', (number: number) => `88.118/DEVICE-${String(number).padStart(8, '0')}`],
  ['handles that are counted without zeros before', (number: number) => `88.118/${number}`],
  ['Chinese handles', (number: number) => `88.118/设备编号-${number}`],
  ['handles that differ at their beginning', (number: number) => `88.${number}/THE-SAME-EVERYWHERE`],
])('%s fall on all places alike', (_what, keyOf) => {
  const keys = 1 << 16
  for (const hash of hashes) {
    for (const placeOf of [(bits: number) => bits >>> 22, (bits: number) => bits & 1023]) {
      const counts = new Uint32Array(1024)
      for (let number = 0; number < keys; number++) {
        const place = placeOf(hash.of(keyOf(number)))
        counts[place] = (counts[place] as number) + 1
      }
      const mean = keys / counts.length
      const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0)
      // Six standard deviations about the 1,023 that chance gives.
      expect(Math.abs(chiSquare - 1023)).toBeLessThan(6 * Math.sqrt(2 * 1023))
    }
  }
})

/** The hash that keys had before: without a secret, a step for each character. */
function fnv(text: string): number {
  const hash = Math.imul(fnvState(0x811c9dc5, text) ^ (fnvState(0x811c9dc5, text) >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}

function fnvState(start: number, text: string): number {
  let state = start
  for (let place = 0; place < text.length; place++) {
    state = Math.imul(state ^ text.charCodeAt(place), 0x01000193)
  }
  return state
}

/** Two to the number of pairs: at each place one of two blocks that lead FNV from one state to one state. */
function collidingUnderFnv({ pairs, seed }: { pairs: number; seed: number }): string[] {
  const prng = createPrng(seed)
  let keys = ['88.118/']
  for (let pair = 0; pair < pairs; pair++) {
    const [one, other] = collidingBlocks(fnvState(0x811c9dc5, keys[0] as string), prng.nextUint32)
    keys = keys.flatMap((key) => [key + one, key + other])
  }
  return keys
}

function collidingBlocks(start: number, random: () => number): [string, string] {
  const seen = new Map<number, string>()
  for (;;) {
    const block = random().toString(36).toUpperCase().padStart(7, '0')
    const state = fnvState(start, block)
    const earlier = seen.get(state)
    if (earlier !== undefined && earlier !== block) return [earlier, block]
    seen.set(state, block)
  }
}
