import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arena, entryBytesFor } from '../../src/cache/arena.ts'

const slotsMax = 300

// Sizes from nothing to several segments of the smallest arena, most of them small.
const step = fc.record({
  slot: fc.integer({ min: 0, max: slotsMax - 1 }),
  bytes: fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 0, max: 900 }) },
    { weight: 1, arbitrary: fc.integer({ min: 4000, max: 50_000 }) },
  ),
})

test('every entry keeps its bytes through whatever is released, moved and reused, and little is held that is dead', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 300, maxLength: 2500, size: 'max' }), (steps) => {
      const arena = new Arena({ slotsMax, bytesMax: 1 })
      const held = new Map<number, { bytes: number; fill: number }>()
      let liveBytes = 0
      const release = (slot: number): void => {
        const known = held.get(slot)
        if (known === undefined) return
        arena.release(slot)
        held.delete(slot)
        liveBytes -= entryBytesFor(known.bytes)
      }
      for (const [number, { slot, bytes }] of steps.entries()) {
        release(slot)
        // Now and then only gone, so that the arena shrinks as well.
        if (number % 4 === 3) continue
        arena.allocate(slot, bytes)
        const fill = number % 251
        arena.segmentOf(slot).fill(fill, arena.startOf(slot), arena.startOf(slot) + bytes)
        held.set(slot, { bytes, fill })
        liveBytes += entryBytesFor(bytes)
        expect(arena.liveBytes).toBe(liveBytes)
        expect(arena.heldBytes).toBeLessThanOrEqual((liveBytes * 9) / 8 + 8 * 2 ** 14)
      }
      for (const [slot, { bytes, fill }] of held) {
        const start = arena.startOf(slot)
        const found = arena.segmentOf(slot).subarray(start, start + bytes)
        expect(found.every((byte) => byte === fill)).toBe(true)
      }
    }),
    { numRuns: 40 },
  )
})
