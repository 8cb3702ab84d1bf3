import { fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { collectEnvironment } from '../measure/environment.ts'
import { type TuneResult, tryVariant } from './tune-trial.ts'
import { tuneVariants } from './tune-variants.ts'

/**
 * Tries settings of the embedded engine, each in a process of its own, and writes what they cost as JSON and as a table:
 * `node bench/scale/tune-engine.ts --identifiers 5000000 --out results`.
 */

const { values: flags } = parseArgs({
  options: {
    identifiers: { type: 'string', default: '5000000' },
    reads: { type: 'string', default: '200000' },
    out: { type: 'string', default: 'results' },
    data: { type: 'string', default: tmpdir() },
    only: { type: 'string', default: '' },
  },
})
const [identifiers, reads] = [Number(flags.identifiers), Number(flags.reads)]

const heading = [
  '| variant | load µs of CPU | bytes a record | get p50 / p99 µs | get CPU µs | absent p50 / p99 µs | resident, loading MiB | resident, reading MiB |',
  '|--|--|--|--|--|--|--|--|',
].join('\n')

if (process.send !== undefined) {
  process.once('message', async (index: number) => {
    const variant = tuneVariants[index]
    if (variant !== undefined)
      process.send?.(await tryVariant(variant, { root: flags.data, identifiers, reads }))
    process.disconnect()
  })
} else {
  const results: TuneResult[] = []
  for (const [index, variant] of tuneVariants.entries()) {
    if (!variant.name.includes(flags.only)) continue
    results.push(await inOwnProcess(index))
    process.stdout.write(`${rowOf(results.at(-1) as TuneResult)}\n`)
  }
  mkdirSync(flags.out, { recursive: true })
  const environment = collectEnvironment()
  writeFileSync(
    join(flags.out, 'tune-engine.json'),
    `${JSON.stringify({ environment, identifiers, reads, results }, undefined, 2)}\n`,
  )
  writeFileSync(join(flags.out, 'tune-engine.md'), `${[heading, ...results.map(rowOf)].join('\n')}\n`)
}

function inOwnProcess(index: number): Promise<TuneResult> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    child.once('message', (result: TuneResult) => resolve(result))
    child.once('exit', (code) => reject(new Error(`a trial ended with code ${code} and without a result`)))
    child.send(index)
  })
}

function rowOf(result: TuneResult): string {
  const { variant, present, absent } = result
  const micro = (ns: number): string => (ns / 1000).toFixed(1)
  const cells = [
    variant.name,
    result.loadMicrosecondsPerRecord.toFixed(2),
    result.storeBytesPerRecord.toFixed(1),
    `${micro(present.p50Ns)} / ${micro(present.p99Ns)}`,
    micro(present.cpuNs),
    `${micro(absent.p50Ns)} / ${micro(absent.p99Ns)}`,
    Math.round(result.loadResidentBytes / 2 ** 20),
    Math.round(result.readResidentBytes / 2 ** 20),
  ]
  return `| ${cells.join(' | ')} |`
}
