import { existsSync, readFileSync } from 'node:fs'
import { zstdDecompressSync } from 'node:zlib'
import type { DenseTrace } from '../../bench/workload/traces/dense-trace.ts'

/** A reference trace or table that lies beside the repository; what is not there is not compared. */
export function referenceFile(name: string): URL {
  return new URL(`../../../shared/caching/${name}`, import.meta.url)
}

/** The traces that are here, by the name used in the reference tables: one always, the larger ones beside the repository. */
export function referenceTraces(): ReadonlyMap<string, () => DenseTrace> {
  const committed = new URL(
    '../../bench/workload/traces/data/cache2k_web07.oracleGeneral.bin.zst',
    import.meta.url,
  )
  const traces = new Map([['cache2k_web07', () => readOracleGeneral(readFileSync(committed))]])
  const twitter = referenceFile('traces/twitter_cluster52_1M.oracleGeneral.bin.zst')
  if (existsSync(twitter)) traces.set('twitter_cluster52_1M', () => readOracleGeneral(readFileSync(twitter)))
  for (const exponent of ['0.6', '0.99']) {
    const file = referenceFile(`traces/zipf_${exponent}_100k_1M.u32.zst`)
    if (existsSync(file)) traces.set(`zipf_${exponent}_100k_1M`, () => readUint32(readFileSync(file)))
  }
  return traces
}

/** Numbers ids in order of first appearance. */
export function densify(ids: Iterable<number | bigint>): DenseTrace {
  const numbers = new Map<number | bigint, number>()
  const objects: number[] = []
  for (const id of ids) {
    const number = numbers.get(id) ?? numbers.size
    numbers.set(id, number)
    objects.push(number)
  }
  return { requests: objects.length, objects: numbers.size, objectOf: Uint32Array.from(objects) }
}

function readOracleGeneral(compressed: Buffer): DenseTrace {
  const bytes = zstdDecompressSync(compressed)
  const requests = bytes.length / 24
  const bytesOf = new Uint32Array(requests)
  const atSecondsOf = new Uint32Array(requests)
  const ids: bigint[] = []
  for (let request = 0; request < requests; request++) {
    atSecondsOf[request] = bytes.readUInt32LE(24 * request)
    ids.push(bytes.readBigUInt64LE(24 * request + 4))
    bytesOf[request] = bytes.readUInt32LE(24 * request + 12)
  }
  return { ...densify(ids), bytesOf, atSecondsOf }
}

function readUint32(compressed: Buffer): DenseTrace {
  const bytes = zstdDecompressSync(compressed)
  return densify(Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(4 * index)))
}
