import type { Identity } from '../authenticator.ts'
import type { NodeConfig } from '../config.ts'
import { type ErrorCode, errorTable, HandleError } from '../errors.ts'
import { type HandleLimits, parseHandle } from '../identifier/handle.ts'
import { isObject } from '../identifier/input-fields.ts'
import { valuesFromJson } from '../identifier/value-input.ts'
import type { Node } from '../node.ts'
import type { Registration, RegistrationResult } from '../registrar.ts'
import { assert } from '../support/assert.ts'
import { nowSeconds } from '../support/clock.ts'
import { LineTooLongError, lineGroups } from './line-splitter.ts'

/** The bounds of one bulk registration, as they are told to a client that passes them. */
export type BulkLimits = {
  readonly itemsMax: number
  readonly bytesMax: number
  readonly lineBytesMax: number
}

export function bulkLimits(config: NodeConfig): BulkLimits {
  return { itemsMax: config.bulkItemsMax, bytesMax: config.bulkBytesMax, lineBytesMax: config.bodyBytesMax }
}

/** One bulk registration under way: lines in, result lines out in the same order, a bounded number of groups between. */
export class BulkRegistration {
  readonly #node: Node
  readonly #handleLimits: HandleLimits
  readonly #options: { readonly identity: Identity; readonly overwrite: boolean; readonly limits: BulkLimits }
  #lines = 0
  #items = 0

  constructor(node: Node, options: { identity: Identity; overwrite: boolean; limits: BulkLimits }) {
    this.#node = node
    const { handleBytesMax, handleCharactersMax } = node.config
    this.#handleLimits = { handleBytesMax, handleCharactersMax }
    this.#options = options
  }

  /** Result lines, a text for each group. The next groups are parsed while earlier ones are being made durable. */
  async *results(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
    const underWay: Promise<string>[] = []
    let end: string | undefined
    try {
      for await (const lines of lineGroups(this.#bounded(body), { ...this.#options.limits, groupBytesMax })) {
        underWay.push(guarded(this.#registerGroup(lines)))
        if (underWay.length >= groupsUnderWayMax) yield (await underWay.shift()) ?? ''
      }
    } catch (error) {
      if (!(error instanceof LimitPassedError || error instanceof LineTooLongError)) throw error
      end = this.#limitLine(error.message)
    }
    for (const group of underWay) yield await group
    const { itemsMax } = this.#options.limits
    if (end === undefined && this.#items > itemsMax) {
      end = this.#limitLine(`the body is over the limit of ${itemsMax} items`)
    }
    if (end !== undefined) yield end
  }

  async *#bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const { bytesMax, itemsMax } = this.#options.limits
    let bytes = 0
    for await (const chunk of body) {
      bytes += chunk.length
      if (bytes > bytesMax) throw new LimitPassedError(`the body is over the limit of ${bytesMax} bytes`)
      if (this.#items > itemsMax)
        throw new LimitPassedError(`the body is over the limit of ${itemsMax} items`)
      yield chunk
    }
  }

  async #registerGroup(lines: readonly string[]): Promise<string> {
    const atSeconds = nowSeconds(this.#node.clock)
    const { itemsMax, lineBytesMax } = this.#options.limits
    const limits = { ...this.#handleLimits, lineBytesMax }
    const slots: (Registration | Failure)[] = []
    for (const line of lines) {
      this.#lines++
      if (line === '' || line === '\r') continue
      this.#items++
      const slot = this.#items > itemsMax ? this.#overLimit() : readItem(line, { atSeconds, limits })
      // Now: later groups count on while this one is being made durable.
      slots.push('error' in slot ? { ...slot, line: this.#lines } : slot)
    }
    const results = await this.#registerAll(slots.filter((slot) => 'values' in slot))
    let text = ''
    let next = 0
    for (const slot of slots) {
      if ('error' in slot) text += failureLine(slot)
      else {
        const result = results[next++]
        assert(result !== undefined, 'each registration has a result')
        text += resultLine(slot, result)
      }
    }
    return text
  }

  #overLimit(): Failure {
    const problem = `item ${this.#items} is over the limit of ${this.#options.limits.itemsMax} items`
    return { error: new HandleError('REQUEST_TOO_LARGE', problem), handle: undefined }
  }

  /** A store that fails fails each item with its reason: the client retries those, the others are safe. */
  async #registerAll(registrations: readonly Registration[]): Promise<readonly RegistrationResult[]> {
    try {
      return await this.#node.registrar.registerMany(registrations, this.#options)
    } catch (error) {
      const known =
        error instanceof HandleError ? error : new HandleError('INTERNAL', 'internal error', { cause: error })
      return registrations.map(() => ({ status: 'failed', error: known }))
    }
  }

  #limitLine(message: string): string {
    return `${JSON.stringify({
      responseCode: errorTable.REQUEST_TOO_LARGE.responseCode,
      status: 'failed',
      message: `${message}; send the rest in another request`,
      limits: this.#options.limits,
      itemsAccepted: Math.min(this.#items, this.#options.limits.itemsMax),
    })}\n`
  }
}

/** What keeps an item from being registered, and the line of the body, from 1, where it is found. */
type Failure = {
  readonly error: HandleError
  readonly handle: string | undefined
  readonly line?: number
}

class LimitPassedError extends Error {
  override readonly name = 'LimitPassedError'
}

// About a thousand records: one fsync for all of them, and a turn of the event loop of a few milliseconds.
const groupBytesMax = 256 * 1024
const groupsUnderWayMax = 4

/** A rejection that nobody awaits yet must not end the process; the error is seen when its turn comes. */
function guarded<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined)
  return promise
}

function readItem(
  line: string,
  context: { atSeconds: number; limits: HandleLimits & { lineBytesMax: number } },
): Registration | Failure {
  let handle: string | undefined
  try {
    if (isLongerThan(line, context.limits.lineBytesMax)) {
      const problem = `the line is over the limit of ${context.limits.lineBytesMax} bytes`
      throw new HandleError('REQUEST_TOO_LARGE', problem)
    }
    const item = parseLine(line)
    if (typeof item.handle !== 'string')
      throw new HandleError('INVALID_HANDLE', 'handle is missing; expected text')
    handle = item.handle
    for (const name in item) {
      if (name !== 'handle' && name !== 'values') {
        throw new HandleError('MALFORMED_REQUEST', `field "${name}" is unknown; expected handle and values`)
      }
    }
    return {
      handle: parseHandle(handle, context.limits),
      values: valuesFromJson(item.values, context.atSeconds),
    }
  } catch (error) {
    if (!(error instanceof HandleError)) throw error
    return { error, handle }
  }
}

/** UTF-8 takes at most three bytes for a UTF-16 unit, so that almost no line needs to be measured. */
function isLongerThan(line: string, bytesMax: number): boolean {
  return line.length * 3 > bytesMax && Buffer.byteLength(line) > bytesMax
}

function parseLine(line: string): Record<string, unknown> {
  let item: unknown
  try {
    item = JSON.parse(line)
  } catch (cause) {
    throw new HandleError('MALFORMED_REQUEST', `the line is not JSON: ${(cause as Error).message}`, { cause })
  }
  if (!isObject(item)) throw new HandleError('MALFORMED_REQUEST', 'the line is not a JSON object')
  return item
}

function resultLine({ handle }: Registration, result: RegistrationResult): string {
  if (result.status === 'failed') return failureLine({ error: result.error, handle: handle.text })
  const responseCode = result.status === 'exists' ? responseCodeOf('HANDLE_EXISTS') : 1
  return `{"handle":${JSON.stringify(handle.text)},"responseCode":${responseCode},"status":"${result.status}"}\n`
}

function failureLine({ error, handle, line }: Failure): string {
  const { responseCode, message } = error
  return `${JSON.stringify({ line, handle, responseCode, status: 'failed', message })}\n`
}

function responseCodeOf(code: ErrorCode): number {
  return errorTable[code].responseCode
}
