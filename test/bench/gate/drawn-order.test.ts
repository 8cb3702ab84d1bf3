import { expect, test } from 'vitest'
import { inDrawnOrder } from '../../../bench/gate/side.ts'
import { createPrng } from '../../../src/support/prng.ts'

test('both sides are begun at once, either of them first about as often, and keep their own results', async () => {
  const order = createPrng(7)
  let baselineFirst = 0
  for (let round = 0; round < 200; round++) {
    const begun: string[] = []
    const results = await inDrawnOrder(
      { baseline: 'left', candidate: 'right' },
      async (side) => {
        begun.push(side)
        await new Promise(setImmediate)
        expect(begun).toHaveLength(2)
        return side.length
      },
      order,
    )
    expect(results).toEqual({ baseline: 4, candidate: 5 })
    if (begun[0] === 'left') baselineFirst++
  }
  expect(baselineFirst).toBeGreaterThan(70)
  expect(baselineFirst).toBeLessThan(130)
})
