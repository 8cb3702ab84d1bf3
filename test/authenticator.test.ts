import { beforeAll, describe, expect, test } from 'vitest'
import { Authenticator } from '../src/authenticator.ts'
import { plainValue, resolverOver, secretKey, sessionsOver } from './support/permission-core.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const basic = (text: string): string => `Basic ${base64(text)}`

let authenticator: Authenticator
beforeAll(async () => {
  const resolver = await resolverOver({
    '0.NA/88.1': [],
    '88.1/ADMIN': [
      plainValue(1, 'URL', Buffer.from('http://example.com')),
      secretKey(300, 'right'),
      secretKey(301, 'wi:th colon'),
      secretKey(302, ''),
      { ...secretKey(303, 'lower case'), type: 'hs_seckey' },
    ],
    '88.1/设备 7/a%b': [secretKey(300, '秘密')],
  })
  authenticator = new Authenticator(resolver, sessionsOver(resolver))
})

describe('a header that proves its identity', () => {
  test.each([
    ['with the colon of index:handle percent-encoded', basic('300%3A88.1/ADMIN:right'), 300, '88.1/admin'],
    ['with that written in lower case', basic('300%3a88.1/ADMIN:right'), 300, '88.1/admin'],
    ['with the slash percent-encoded too', basic('300%3A88.1%2FADMIN:right'), 300, '88.1/admin'],
    ['with a plain colon', basic('300:88.1/ADMIN:right'), 300, '88.1/admin'],
    ['with the handle in another case', basic('300%3A88.1/aDmIn:right'), 300, '88.1/admin'],
    ['with the scheme in another case', `bAsIc ${base64('300%3A88.1/ADMIN:right')}`, 300, '88.1/admin'],
    ['with spaces around', `Basic   ${base64('300%3A88.1/ADMIN:right')}  `, 300, '88.1/admin'],
    ['with a colon in the secret', basic('301%3A88.1/ADMIN:wi:th colon'), 301, '88.1/admin'],
    ['with a type in lower case', basic('303%3A88.1/ADMIN:lower case'), 303, '88.1/admin'],
    [
      'with Chinese text, spaces and a percent sign in the handle',
      basic(`300%3A${encodeURIComponent('88.1/设备 7/a%b')}:秘密`),
      300,
      '88.1/设备 7/a%b',
    ],
  ])('%s', async (_what, header, index, key) => {
    const identity = await authenticator.authenticate(header)
    expect([identity.index, identity.handle.key.toLowerCase()]).toEqual([index, key])
  })
})

test('no header at all asks for one, which is another answer than a wrong one', async () => {
  await expect(authenticator.authenticate(undefined)).rejects.toMatchObject({ code: 'AUTHENTICATION_NEEDED' })
})

describe('a header that proves nothing', () => {
  const form = /not of the form "Basic" and base64/
  const name = /the user name is not index:handle/
  const handle = /the user name does not hold a handle/
  const secret = /the secret does not match/
  test.each([
    ['empty', '', form],
    ['of another scheme', `Bearer ${base64('300%3A88.1/ADMIN:right')}`, form],
    ['the scheme alone', 'Basic', form],
    ['without a space', `Basic${base64('300%3A88.1/ADMIN:right')}`, form],
    ['not base64', 'Basic 300%3A88.1/ADMIN:right', form],
    ['two credentials', `${basic('300%3A88.1/ADMIN:right')}, ${basic('x')}`, form],
    ['no secret and no colon', basic('300%3A88.1/ADMIN'), name],
    ['no index', basic('88.1/ADMIN:right'), name],
    ['an index that is no number', basic('x%3A88.1/ADMIN:right'), name],
    ['a negative index', basic('-300%3A88.1/ADMIN:right'), name],
    ['an index of eleven digits', basic('30000000000%3A88.1/ADMIN:right'), name],
    ['no handle', basic('300%3A:right'), name],
    ['broken percent-encoding', basic('300%3A88.1%2:right'), handle],
    ['percent-encoded bytes that are no UTF-8', basic('300%3A88.1/%FF:right'), handle],
    ['a handle without a slash', basic('300%3A88.1:right'), handle],
    ['another secret', basic('300%3A88.1/ADMIN:wrong'), secret],
    ['the secret in another case', basic('300%3A88.1/ADMIN:RIGHT'), secret],
    ['the secret with a space behind', basic('300%3A88.1/ADMIN:right '), secret],
    ['an empty secret', basic('300%3A88.1/ADMIN:'), secret],
    ['an index that is not there', basic('299%3A88.1/ADMIN:right'), secret],
    ['the index of another secret', basic('301%3A88.1/ADMIN:right'), secret],
    ['an index that holds no secret', basic('1%3A88.1/ADMIN:http://example.com'), secret],
    ['a record that is not there', basic('300%3A88.1/NOBODY:right'), secret],
    ['a prefix of another node', basic('300%3A99.1/ADMIN:right'), secret],
  ])('%s', async (_what, header, message) => {
    const refused = authenticator.authenticate(header)
    await expect(refused).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
    await expect(refused).rejects.toThrow(message)
  })

  test('never names the secret that was given or the one that is right', async () => {
    const refused = await authenticator.authenticate(basic('300%3A88.1/ADMIN:guessed')).catch(String)
    expect(refused).not.toMatch(/guessed|right/)
  })
})
