import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, createZstdCompress } from 'node:zlib'
import type { DenseTrace } from '../../simulator/dense-trace.ts'
import { compressionOf } from './open-trace.ts'

/**
 * Writes a trace as libCacheSim's oracleGeneral, ids being the dense numbers, compressed as the name says. The next accesses
 * are found by one pass from the end.
 */
export async function writeOracleGeneral(trace: DenseTrace, file: string): Promise<void> {
  const nextOf = nextAccesses(trace)
  const source = Readable.from(encode(trace, nextOf))
  const compression = compressionOf(file)
  if (compression === '.zst') await pipeline(source, createZstdCompress(), createWriteStream(file))
  else if (compression === '.gz') await pipeline(source, createGzip(), createWriteStream(file))
  else await pipeline(source, createWriteStream(file))
}

const batchRequests = 32_768

function* encode(trace: DenseTrace, nextOf: Uint32Array): Generator<Buffer> {
  const { requests, objectOf, bytesOf, atSecondsOf } = trace
  for (let from = 0; from < requests; from += batchRequests) {
    const to = Math.min(from + batchRequests, requests)
    const bytes = Buffer.alloc(24 * (to - from))
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let request = from, offset = 0; request < to; request++, offset += 24) {
      const next = nextOf[request] as number
      view.setUint32(offset, atSecondsOf?.[request] ?? 0, true)
      view.setUint32(offset + 4, objectOf[request] as number, true)
      view.setUint32(offset + 12, bytesOf?.[request] ?? 1, true)
      view.setUint32(offset + 16, next === never ? never : next + 1, true)
      view.setInt32(offset + 20, next === never ? -1 : 0, true)
    }
    yield bytes
  }
}

/** Also the lower half of −1. */
const never = 2 ** 32 - 1

function nextAccesses({ requests, objects, objectOf }: DenseTrace): Uint32Array {
  const seenAt = new Uint32Array(objects).fill(never)
  const nextOf = new Uint32Array(requests)
  for (let request = requests - 1; request >= 0; request--) {
    const object = objectOf[request] as number
    nextOf[request] = seenAt[object] as number
    seenAt[object] = request
  }
  return nextOf
}
