import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HandleError } from '../../src/errors.ts'
import { foldAscii, handleBytesLimit, isPrefix, parseHandle } from '../../src/identifier/handle.ts'
import { text } from '../support/arbitraries.ts'

describe('a handle', () => {
  test.each([
    ['88.118.8/SN0001', '88.118.8', '88.118.8/SN0001'],
    ['10.1038/nphys1170', '10.1038', '10.1038/NPHYS1170'],
    ['86.122.2/SX-XYGS-产品 一号', '86.122.2', '86.122.2/SX-XYGS-产品 一号'],
    ['88.118/a/b//c/', '88.118', '88.118/A/B//C/'],
    ['88.118/ leading and trailing ', '88.118', '88.118/ LEADING AND TRAILING '],
    ['0.na/88.118', '0.NA', '0.NA/88.118'],
    ['单位.一/零件', '单位.一', '单位.一/零件'],
    ['88.118/éÉß🚲', '88.118', '88.118/éÉß🚲'],
    ['88.118/100%3F?x#y+z', '88.118', '88.118/100%3F?X#Y+Z'],
  ])('%s is understood and keeps its spelling', (spelling, prefix, key) => {
    expect(parseHandle(spelling)).toEqual({ text: spelling, prefix, key })
  })

  test.each([
    ['', 'handle "" is empty; expected prefix/suffix'],
    ['88.118', 'handle "88.118" has no slash; expected prefix/suffix'],
    ['88.118/', 'handle "88.118/" has no suffix after the slash'],
    ['/suffix', 'handle "/suffix" has no prefix before the slash'],
    ['88..118/x', 'has the prefix "88..118"; expected segments such as 88.118.8'],
    ['.88/x', 'has the prefix ".88"'],
    ['88./x', 'has the prefix "88."'],
    ['88 118/x', 'has the prefix "88 118"'],
    ['88\u3000118/x', 'has the prefix "88\u3000118"'],
    ['88\ufeff/x', 'has the prefix'],
    ['88.\u0000/x', 'has the prefix "88.\ufffd"'],
    ['\ud800/x', 'has the prefix'],
    ['88.118/a\nb', 'holds a control character'],
    ['88.118/a\u007fb', 'holds a control character'],
    ['88.118/a\u0085b', 'holds a control character'],
    ['88.118/a\ud800b', 'is not well-formed Unicode'],
    ['88.118/\udc00', 'is not well-formed Unicode'],
  ])('%j is refused saying why', (spelling, message) => {
    expectInvalid(() => parseHandle(spelling), message)
  })

  test.each([
    ['ASCII', 'x', 1],
    ['accented Latin', 'é', 2],
    ['Chinese', '标', 3],
    ['astral', '𠀀', 4],
  ])('of %s letters may fill the limit in bytes of UTF-8 and not pass it', (_name, letter, letterBytes) => {
    const room = handleBytesLimit - '88.118/'.length
    const fitting = `88.118/${letter.repeat(Math.floor(room / letterBytes))}`
    expect(parseHandle(fitting).text).toBe(fitting)
    const tooLong = `${fitting}${letter}`
    const expected = `is ${Buffer.byteLength(tooLong)} bytes long; expected at most ${handleBytesLimit}`
    expectInvalid(() => parseHandle(tooLong), expected)
  })

  test('is held to a narrower limit where the operator sets one', () => {
    expect(parseHandle('88.118/123', { handleBytesMax: 10 }).text).toBe('88.118/123')
    expectInvalid(() => parseHandle('88.118/1234', { handleBytesMax: 10 }), 'expected at most 10')
    const limits = { handleBytesMax: 2048, handleCharactersMax: 10 }
    for (const suffix of ['123', '设备7', '💡💡💡']) {
      expect(parseHandle(`88.118/${suffix}`, limits).text).toBe(`88.118/${suffix}`)
      const excess = 'is 11 characters long; expected at most 10'
      expectInvalid(() => parseHandle(`88.118/${suffix}x`, limits), excess)
    }
  })

  test('in an error message is shortened and free of control characters', () => {
    const refused = catchError(() => parseHandle(`88.118/\u001b[2J${'x'.repeat(5000)}`))
    expect(refused.message.length).toBeLessThan(200)
    expect(refused.message).not.toMatch(/\p{Cc}/u)
  })

  test('folds ASCII letters and nothing else', () => {
    fc.assert(
      fc.property(text({ lengthMax: 40 }), (input) => {
        const expected = [...input]
          .map((letter) => (/^[a-z]$/.test(letter) ? letter.toUpperCase() : letter))
          .join('')
        expect(foldAscii(input)).toBe(expected)
      }),
    )
  })

  test('is parsed or refused with INVALID_HANDLE, whatever the text', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.array(fc.nat({ max: 0xffff }), { maxLength: 10 }).map((units) => String.fromCharCode(...units)),
    )
    fc.assert(
      fc.property(anything, (suffix) => {
        let handle: ReturnType<typeof parseHandle>
        try {
          handle = parseHandle(`88.118/${suffix}`)
        } catch (error) {
          expect(error).toMatchObject({
            name: 'HandleError',
            code: 'INVALID_HANDLE',
            responseCode: 102,
            status: 400,
          })
          return
        }
        expect(handle.text).toBe(`88.118/${suffix}`)
        expect(handle.key).toBe(foldAscii(handle.text))
        expect(parseHandle(handle.key).key).toBe(handle.key)
      }),
    )
  })
})

test.each([
  ['88.118', true],
  ['0.NA', true],
  ['10', true],
  ['', false],
  ['88.118/', false],
  ['88 118', false],
  ['88.', false],
  ['88\t', false],
])('isPrefix(%j) is %s', (prefix, expected) => {
  expect(isPrefix(prefix)).toBe(expected)
})

function expectInvalid(parse: () => unknown, message: string): void {
  const error = catchError(parse)
  expect(error.code).toBe('INVALID_HANDLE')
  expect(error.message).toContain(message)
}

function catchError(action: () => unknown): HandleError {
  try {
    action()
  } catch (error) {
    if (error instanceof HandleError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
