import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InOrder, type Linked } from '../../../bench/support/in-order.ts'
import { WaitingLine } from '../../../bench/support/waiting-line.ts'

interface Item extends Linked<Item> {
  readonly name: number
}

test('a list of links holds what a Set would, in its order, and cuts the links of what leaves', () => {
  const steps = fc.array(fc.record({ adds: fc.boolean(), at: fc.nat(20) }), { maxLength: 200 })
  fc.assert(
    fc.property(steps, (given) => {
      const list = new InOrder<Item>()
      const model = new Set<Item>()
      let name = 0
      for (const { adds, at } of given) {
        if (adds) {
          const item: Item = { name: name++, previous: undefined, next: undefined, isListed: false }
          list.add(item)
          model.add(item)
        } else {
          const item = [...model][at]
          if (item === undefined) continue
          expect(list.delete(item)).toBe(model.delete(item))
          expect(list.delete(item)).toBe(false)
          expect([item.previous, item.next]).toEqual([undefined, undefined])
        }
        expect(list.size).toBe(model.size)
        expect(list.first).toBe([...model][0])
        expect(list.toArray()).toEqual([...model])
      }
    }),
  )
})

test('a waiting line gives out in order what was put in, over any length', () => {
  const line = new WaitingLine<number>()
  for (let number = 0; number < 20_000; number++) line.push(number)
  for (let number = 0; number < 9_000; number++) expect(line.shift()).toBe(number)
  line.push(20_000)
  expect(line.size).toBe(11_001)
  for (let number = 9_000; number <= 20_000; number++) expect(line.shift()).toBe(number)
  expect([line.shift(), line.size]).toEqual([undefined, 0])
})
