import { operations, opFlag } from '../../../src/wire/codec/protocol.ts'

/** Some bytes of a message and what they say. */
export type Row = { readonly hex: string; readonly field: string; readonly meaning: string }

/**
 * Takes a native message apart, byte by byte, after RFC 3652 alone: it shares no code with the node's codec, so that
 * the two check each other.
 */
export function explainMessage(bytes: Buffer): Row[] {
  const rows: Row[] = []
  const at = { offset: 0 }
  const take = (length: number, field: string, meaning: (part: Buffer) => string): Buffer => {
    const part = bytes.subarray(at.offset, at.offset + length)
    if (part.length !== length) throw new Error(`${field} is cut off`)
    at.offset += length
    rows.push({ hex: part.toString('hex'), field, meaning: meaning(part) })
    return part
  }
  const integer = (field: string, meaning: (value: number) => string = String): number =>
    take(4, field, (part) => meaning(part.readUInt32BE())).readUInt32BE()
  const text = (field: string): void => {
    const length = integer(`length of the ${field}`, (value) => `${value} bytes`)
    take(length, field, (part) => `\`${part.toString('utf8')}\``)
  }
  explainEnvelope({ take, integer })
  const isAnswer = explainHeader({ take, integer })
  text('handle')
  if (isAnswer) explainValues({ take, integer, text })
  else {
    integer('number of indexes', (value) => `${value}: by no index`)
    integer('number of types', (value) => `${value}: of no type, so everything`)
  }
  integer('length of the credential', (value) => `${value}: none`)
  if (at.offset !== bytes.length) throw new Error(`${bytes.length - at.offset} bytes are left over`)
  return rows
}

type Take = (length: number, field: string, meaning: (part: Buffer) => string) => Buffer
type Integer = (field: string, meaning?: (value: number) => string) => number

function explainEnvelope({ take, integer }: { take: Take; integer: Integer }): void {
  take(2, 'version', ([major, minor]) => `${major}.${minor}`)
  take(
    1,
    'flags',
    ([flags = 0]) =>
      `${(flags & 0xe0) === 0 ? 'plain, one packet' : `0x${(flags & 0xe0).toString(16)}`}; suggests major ${flags & 3}`,
  )
  take(1, 'suggested minor', ([minor]) => String(minor))
  integer('session', (value) => (value === 0 ? '0: none' : String(value)))
  integer('request id', (value) => `${value}, the same in request and answer`)
  integer('sequence', (value) => `${value}: the first packet`)
  integer('message length', (value) => `${value} bytes follow this envelope`)
}

/** Whether it is an answer. */
function explainHeader({ take, integer }: { take: Take; integer: Integer }): boolean {
  integer('operation', (value) => `${value}: ${nameOf(operations, value)}`)
  const code = integer('response code', (value) => (value === 0 ? '0: a request' : `${value}: success`))
  integer('operation flags', (value) => flagNames(value))
  take(2, 'site serial number', (part) =>
    part.readInt16BE() === -1 ? '−1: not known' : String(part.readInt16BE()),
  )
  take(1, 'recursion count', ([count]) => String(count))
  take(1, 'reserved', ([byte]) => String(byte))
  integer('expiration', moment)
  integer('body length', (value) => `${value} bytes`)
  return code !== 0
}

function explainValues({
  take,
  integer,
  text,
}: {
  take: Take
  integer: Integer
  text: (field: string) => void
}): void {
  const count = integer('number of values')
  for (let position = 0; position < count; position++) {
    integer('index of the value')
    integer('timestamp', moment)
    take(1, 'TTL type', ([kind]) => (kind === 0 ? '0: relative' : '1: absolute'))
    integer('TTL', (value) => `${value} seconds`)
    take(1, 'permissions', ([bits = 0]) => `${bits.toString(2).padStart(4, '0')}: ${permissionNames(bits)}`)
    text('type')
    text('data')
    integer('number of references')
  }
}

function moment(unixSeconds: number): string {
  return `${unixSeconds}: ${new Date(unixSeconds * 1000).toISOString()}`
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(names).find(([, number]) => number === value)?.[0] ?? 'unknown'
}

function flagNames(flags: number): string {
  const names = Object.entries(opFlag).flatMap(([name, bit]) => ((flags & bit) === 0 ? [] : [name]))
  return names.join(', ')
}

function permissionNames(bits: number): string {
  const names = ['administrators read', 'administrators write', 'the public reads', 'the public writes']
  return names.filter((_, position) => (bits & (8 >> position)) !== 0).join(', ')
}

/** An HTTP message by its lines; the body is one row. */
export function explainHttp(bytes: Buffer): Row[] {
  const end = bytes.indexOf('\r\n\r\n') + 4
  const lines = bytes.toString('latin1', 0, end).split(/(?<=\r\n)/)
  const rows = lines.map((line, position) => {
    const field = position === 0 ? 'first line' : line === '\r\n' ? 'end of the header' : 'header field'
    return {
      hex: Buffer.from(line, 'latin1').toString('hex'),
      field,
      meaning: line === '\r\n' ? '' : `\`${line.trim()}\``,
    }
  })
  const body = bytes.subarray(end)
  if (body.length === 0) return rows
  return [...rows, { hex: body.toString('hex'), field: 'body', meaning: `\`${body.toString('utf8')}\`` }]
}
