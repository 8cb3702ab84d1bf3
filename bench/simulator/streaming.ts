import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createPrng } from '../../src/support/prng.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { formatBytes, formatCount } from '../report/format-units.ts'
import { Zipfian } from '../workload/distributions/zipfian.ts'
import type { SimulationReport } from './simulation-report.ts'

/**
 * Simulates ever longer traces over the same objects and tells the most memory that the simulator held, which must not grow
 * with the requests: `node bench/simulator/streaming.ts [DIRECTORY] [REQUESTS,REQUESTS…]`.
 */

const objects = 1_000_000
const policies = 'fifo,lru,sieve,s3-fifo'
const sizes = '1%,10%'
const seed = 42
const blockRequests = 100_000
const directory = process.argv[2] ?? 'results'
const lengths = (process.argv[3] ?? '10000000,100000000').split(',').map(Number)
const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const temporary = mkdtempSync(join(tmpdir(), 'erji-streaming-'))
try {
  const runs = lengths.map(simulateLong)
  mkdirSync(directory, { recursive: true })
  const out = join(directory, 'streaming.json')
  const result = { environment: collectEnvironment(), objects, policies, sizes, seed, runs }
  writeFileSync(out, `${JSON.stringify(result, undefined, 2)}\n`)
  process.stdout.write(`${out}\n`)
} finally {
  rmSync(temporary, { recursive: true })
}

function simulateLong(requests: number) {
  const file = join(temporary, `${requests}.oracleGeneral.bin`)
  writeLong(file, requests)
  const flags = [
    '--policies',
    policies,
    '--sizes',
    sizes,
    '--seed',
    String(seed),
    '--json',
    '--out',
    temporary,
  ]
  const printed = execFileSync(process.execPath, [main, 'simulate', file, ...flags], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  rmSync(file)
  const { seconds, peakMemoryBytes = 0, traces, rows }: SimulationReport = JSON.parse(printed)
  process.stdout.write(
    `${formatCount(requests)} requests of 24 bytes: ${rows.length} runs in ${seconds.toFixed(1)} s, most memory ${formatBytes(peakMemoryBytes)}\n`,
  )
  const misses = rows.map((row) => ({ policy: row.label, size: row.size, misses: row.misses }))
  return { requests, objects: traces[0]?.objects, seconds, peakMemoryBytes, misses }
}

/** Sizes, times and ids, block by block, so that writing takes no memory either. */
function writeLong(file: string, requests: number): void {
  const zipfian = new Zipfian({ items: objects, exponent: 0.99, prng: createPrng(seed) })
  const descriptor = openSync(file, 'wx')
  const block = Buffer.alloc(24 * blockRequests)
  for (let written = 0; written < requests; written += blockRequests) {
    const count = Math.min(blockRequests, requests - written)
    for (let request = 0; request < count; request++) {
      const object = zipfian.next()
      block.writeUInt32LE(Math.floor((written + request) / 10_000), 24 * request)
      block.writeUInt32LE(object, 24 * request + 4)
      block.writeUInt32LE(100 + (object % 900), 24 * request + 12)
    }
    writeSync(descriptor, block, 0, 24 * count)
  }
  closeSync(descriptor)
}
