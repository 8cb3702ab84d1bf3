import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../support/assert.ts'
import { parseLines } from './offline-parse.ts'

/** A thread of an offline import: answers each block of lines with what they became. */

const { startSeconds }: { readonly startSeconds: number } = workerData
assert(parentPort !== null, 'a parser is a thread of somebody')
const port = parentPort

port.on('message', (block: Uint8Array) => {
  const text = Buffer.from(block.buffer, block.byteOffset, block.byteLength).toString('utf8')
  const parsed = parseLines(text, startSeconds)
  port.postMessage(parsed, [parsed.batch.bytes.buffer as ArrayBuffer])
})
