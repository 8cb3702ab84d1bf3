import { describe, expect, test } from 'vitest'
import { recognise } from '../../../src/identifier/schemes/index.ts'

describe('identifiers of other schemes are recognised by their structure', () => {
  test.each([
    // GS1's own example numbers.
    ['09506000134352', 'GS1', 'gtin:09506000134352'],
    ['9506000134352', 'GS1', 'gtin:09506000134352'],
    ['https://id.gs1.org/01/09506000134376/10/LOT/21/SER', 'GS1', 'gtin:09506000134376;lot=LOT;serial=SER'],
    ['/01/09506000134376/10/LOT/21/SER', 'GS1', 'gtin:09506000134376;lot=LOT;serial=SER'],
    ['https://shop.example/p/01/09506000134376/21/A%2FB', 'GS1', 'gtin:09506000134376;serial=A/B'],
    ['(01)09506000134376(10)ABC(21)1', 'GS1', 'gtin:09506000134376;lot=ABC;serial=1'],
    ['96385074', 'GS1', 'gtin:00000096385074'],
    // EPC Tag Data Standard: company 0614141, indicator 1, item 12345 make the GTIN 10614141123459.
    ['urn:epc:id:sgtin:0614141.112345.400', 'EPC', 'gtin:10614141123459;serial=400'],
    ['urn:oid:2.999', 'OID', 'oid:2.999'],
    ['1.2.156.3088', 'OID', 'oid:1.2.156.3088'],
    ['did:bid:ef214PmkhKndUcArDQPgD5J4fFVwqJFPt', 'DID', 'did:bid:ef214PmkhKndUcArDQPgD5J4fFVwqJFPt'],
    ['ecode:1.5.123456789', 'Ecode', 'ecode:1.0005.123456789'],
  ])('%s is %s', (text, scheme, canonical) => {
    expect(recognise(text)).toMatchObject({ scheme, canonical })
    expect(recognise(text)).not.toHaveProperty('problem')
  })

  test.each([
    ['09506000134353', 'the check digit is 3; expected 2'],
    ['urn:epc:id:sgtin:0614141.1234567.1', 'have 14 digits; expected 13'],
    ['1.40.1', 'the second arc is 40; expected at most 39'],
    ['ecode:9.1.2', 'the version is 9; expected 1 to 4'],
  ])('%s has the form and is none', (text, problem) => {
    expect(recognise(text)?.problem).toContain(problem)
  })

  test.each(['88.118/SN1', '1234567', 'urn:isbn:123', 'did:', 'https://example.org/', '2.999.01', ''])(
    '"%s" is left to be a handle, or nothing',
    (text) => {
      expect(recognise(text)).toBeUndefined()
    },
  )

  test('a qualified product has the product above it, an arc the arcs above it', () => {
    expect(recognise('(01)09506000134376(10)L(21)S')?.broader).toEqual([
      'gtin:09506000134376;lot=L',
      'gtin:09506000134376',
    ])
    expect(recognise('2.999.1.7')?.broader).toEqual(['oid:2.999.1', 'oid:2.999'])
  })
})
