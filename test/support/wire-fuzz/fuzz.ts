import { isDeepStrictEqual } from 'node:util'
import { parseConfig } from '../../../src/config.ts'
import { decodeAdminData, decodeVlistData } from '../../../src/identifier/admin-data.ts'
import { EncodingError } from '../../../src/identifier/buffer-reader.ts'
import { parseHandle } from '../../../src/identifier/handle.ts'
import { decodeRecord, encodeRecord } from '../../../src/identifier/record-encoding.ts'
import { decodeSiteData } from '../../../src/identifier/site-data.ts'
import { openNode } from '../../../src/node.ts'
import { createPrng } from '../../../src/support/prng.ts'
import { Answerer } from '../../../src/wire/answerer.ts'
import { readErrorBody, readHandles, readValuesBody } from '../../../src/wire/codec/bodies.ts'
import { splitDigest } from '../../../src/wire/codec/digest.ts'
import { readEnvelope, readMessage } from '../../../src/wire/codec/message.ts'
import { envelopeBytes, envelopeFlag } from '../../../src/wire/codec/protocol.ts'
import { Reassembly } from '../../../src/wire/codec/reassembly.ts'
import { WireHotLane } from '../../../src/wire/hot-lane.ts'
import { FakeClock } from '../fake-clock.ts'
import { readMessages } from '../wire-messages.ts'
import { textValue } from '../wire-node.ts'
import { mutate } from './mutate.ts'
import { fuzzedHandles, fuzzedPrefix, seedMessages } from './seed-messages.ts'
import { StubConnection, StubDatagrams } from './stub-transports.ts'

export type FuzzOptions = {
  readonly messages: number
  readonly seed: number
  /** Stops before all messages are sent, which the result tells. */
  readonly isOver?: () => boolean
  readonly progress?: (messages: number, kinds: number) => void
}

export type FuzzResult = {
  readonly messages: number
  /** How often each kind of answer came: response code and the words of it, or what was done without one. */
  readonly kinds: ReadonlyMap<string, number>
  readonly corpus: number
  readonly longestMs: number
  /** Memory beyond what the node had after the first tenth. */
  readonly grownBytes: number
  /** What must not be: an exception, an answer that is none, a record that changed, a hang, memory without bound. */
  readonly findings: readonly string[]
}

/** Messages between two breaths, in which promised answers come. */
const roundMessages = 64
const corpusMax = 2000
const findingsMax = 20
// Far beyond what the slowest takes on a machine that does other things too.
const hangMs = 5000
// Open challenges, unfinished packets and the messages to start from are bounded far below it.
const grownBytesMax = 256 * 2 ** 20

/**
 * Sends malformed messages to a node's listeners and to every reader of the codec. Guided by what is answered: a message
 * that gets a kind of answer that none got before joins the messages that others are made from. Nobody who sends them
 * has proved anything, so no record may change.
 */
export async function fuzzWire(options: FuzzOptions): Promise<FuzzResult> {
  const fuzzed = await openFuzzed()
  const prng = createPrng(options.seed)
  const corpus = [...seedMessages()]
  const kinds = new Map<string, number>()
  let sent = 0
  let longestMs = 0
  let settledBytes = 0
  while (sent < options.messages && options.isOver?.() !== true && fuzzed.findings.length < findingsMax) {
    for (let position = 0; position < roundMessages && sent < options.messages; position++, sent++) {
      const message = mutate(corpus, prng)
      const startMs = performance.now()
      const kind = fuzzed.give(message, prng.nextBelow(3))
      longestMs = Math.max(longestMs, performance.now() - startMs)
      if (!kinds.has(kind) && corpus.length < corpusMax) corpus.push(message)
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
    await new Promise<void>((resolve) => setImmediate(resolve))
    fuzzed.takeLate()
    fuzzed.clock.advanceMs(1)
    if (settledBytes === 0 && sent >= options.messages / 10) settledBytes = usedBytes()
    options.progress?.(sent, kinds.size)
  }
  const grownBytes = Math.max(0, usedBytes() - settledBytes)
  await fuzzed.close()
  if (longestMs > hangMs) fuzzed.findings.push(`a message took ${longestMs} ms`)
  if (grownBytes > grownBytesMax) fuzzed.findings.push(`memory grew by ${grownBytes} bytes`)
  return { messages: sent, kinds, corpus: corpus.length, longestMs, grownBytes, findings: fuzzed.findings }
}

function usedBytes(): number {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

async function openFuzzed() {
  const clock = new FakeClock()
  const node = await openNode(parseConfig({ store: 'memory', prefix: fuzzedPrefix }), clock)
  for (const handle of fuzzedHandles) {
    const secret = { ...textValue(2, 'HS_SECKEY', 'secret'), permissions: 0b1100 }
    const value = encodeRecord({ handle, values: [textValue(1, 'URL', `http://${handle}`), secret] })
    await node.store.commit([{ key: parseHandle(handle).key, value, precondition: { kind: 'none' } }])
  }
  const before = await allRecords(node)
  const findings: string[] = []
  const onFailure = (error: unknown): void => void findings.push(`a request failed: ${String(error)}`)
  const site = { ...emptySite }
  const answerer = new Answerer({ node, site, forward: async () => undefined, onFailure })
  const answering = { answerer, lane: new WireHotLane(node), traffic: node.nativeTraffic, clock: node.clock }
  const datagrams = new StubDatagrams(answering)
  let connection = new StubConnection(answering)
  const check = (written: Buffer, how: string): string => {
    try {
      return kindOf(written)
    } catch (error) {
      findings.push(`${how}: an answer cannot be read: ${String(error)}`)
      return 'unreadable'
    }
  }
  const receive = (message: Buffer, how: number): string => {
    if (how === 0) {
      datagrams.receive(message, 1 + (message.length % 7))
      return `UDP ${check(datagrams.take(), 'UDP')}`
    }
    if (how === 1) {
      if (connection.isEnded) connection = new StubConnection(answering)
      connection.receive(message)
      return `TCP ${check(connection.take(), 'TCP')}${connection.isEnded ? ', closed' : ''}`
    }
    return `codec ${readEverything(message)}`
  }
  return {
    clock,
    findings,
    give: (message: Buffer, how: number): string => {
      try {
        return receive(message, how)
      } catch (error) {
        findings.push(`way ${how}, ${message.toString('hex')}: ${String((error as Error).stack ?? error)}`)
        return 'thrown'
      }
    },
    takeLate: (): void => {
      check(datagrams.take(), 'UDP')
      check(connection.take(), 'TCP')
    },
    close: async (): Promise<void> => {
      if (!isDeepStrictEqual(await allRecords(node), before)) findings.push('a record changed')
      await node.close()
    },
  }
}

async function allRecords(node: Awaited<ReturnType<typeof openNode>>): Promise<readonly string[]> {
  const { entries } = await node.store.scan({ keyPrefix: '', entriesMax: 1000 })
  return entries.map(({ key, value }) => `${key} ${Buffer.from(value).toString('hex')}`)
}

/** The first answer's code and words, with the numbers and names of the request taken out of them. */
function kindOf(written: Buffer): string {
  if (written.length === 0) return 'nothing'
  if ((readEnvelope(written).flags & envelopeFlag.truncated) !== 0) return 'packets'
  const [message] = readMessages(written)
  if (message === undefined) throw new Error('no whole message')
  const words =
    message.responseCode === 1 || message.responseCode === 402
      ? ''
      : readErrorBody(splitDigest(message).content)
  return `${message.opCode % 1000} ${message.responseCode} ${words
    .replace(/-?\d+/g, '#')
    .replace(/"[^"]*"/g, '""')
    .slice(0, 80)}`
}

/** Every reader of the codec over the same bytes: what cannot be read is an EncodingError and nothing else. */
function readEverything(bytes: Buffer): string {
  let read = ''
  const body = bytes.subarray(44)
  const reassembly = new Reassembly()
  const readers = {
    message: () => readMessage(readEnvelope(bytes), bytes.subarray(envelopeBytes)),
    packet: () => reassembly.add(bytes, 'fuzz'),
    digest: () => splitDigest(readMessage(readEnvelope(bytes), bytes.subarray(envelopeBytes))),
    values: () => readValuesBody(body),
    handles: () => readHandles(body),
    error: () => readErrorBody(body),
    record: () => decodeRecord(body),
    site: () => decodeSiteData(body),
    admin: () => decodeAdminData(body),
    vlist: () => decodeVlistData(body),
  }
  for (const [name, reader] of Object.entries(readers)) {
    try {
      reader()
      read += ` ${name}`
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error
    }
  }
  return read
}

const emptySite = {
  version: 1,
  protocolVersion: { major: 2, minor: 11 },
  serialNumber: 1,
  primarySite: true,
  multiPrimary: false,
  hashOption: 'all' as const,
  hashFilter: '',
  attributes: [],
  servers: [],
}
