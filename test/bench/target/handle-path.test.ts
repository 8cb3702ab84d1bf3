import fc from 'fast-check'
import { expect, test } from 'vitest'
import { basicAuthorization, handlePath } from '../../../bench/target/handle-path.ts'

test('slashes of the suffix stay slashes, everything else that a path may not hold is percent-encoded', () => {
  expect(handlePath('88.118/01/0950/21/A')).toBe('/api/handles/88.118/01/0950/21/A')
  expect(handlePath('88.118/a b?c#d+e')).toBe('/api/handles/88.118/a%20b%3Fc%23d%2Be')
  expect(handlePath('86.122.2/追溯/酥梨')).toBe('/api/handles/86.122.2/%E8%BF%BD%E6%BA%AF/%E9%85%A5%E6%A2%A8')
})

test('any handle decodes to itself and needs no other character than a path may hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (suffix) => {
      const path = handlePath(`88.118/${suffix}`)
      expect(decodeURIComponent(path)).toBe(`/api/handles/88.118/${suffix}`)
      expect(path).toMatch(/^[\w.\-~/%!*'()]+$/)
    }),
  )
})

test('the identity is percent-encoded inside the Basic header, the secret is not', () => {
  const header = basicAuthorization({ user: '300:88.118/ADMIN', secret: 'a:b' })
  expect(Buffer.from(header.replace('Basic ', ''), 'base64').toString()).toBe('300%3A88.118%2FADMIN:a:b')
})
