import { systemClock } from '../../src/support/clock.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { readableJson, writeResult } from '../report/result-files.ts'
import { runSuites } from './run-suites.ts'

/** Measures the hot functions and writes what it found beside the other results: `node bench/micro/main.ts [DIRECTORY]`. */

const directory = process.argv[2] ?? 'results'
const startedAt = new Date(systemClock.nowMs()).toISOString()
const results = await runSuites({ timeMs: 500, iterations: 64 })

for (const { task, callsPerSecond, meanNs, p99Ns, marginPercent } of results) {
  const rate = Math.round(callsPerSecond).toLocaleString('en').padStart(13)
  const mean = meanNs.toFixed(0).padStart(6)
  const slow = p99Ns.toFixed(0).padStart(6)
  process.stdout.write(
    `${task.padEnd(36)} ${rate}/s  mean ${mean} ns  p99 ${slow} ns  ±${marginPercent.toFixed(1)} %\n`,
  )
}
const report = { startedAt, environment: collectEnvironment(), results }
const paths = await writeResult({
  ...{ directory, startedAt, name: 'micro' },
  files: [['.json', () => readableJson(report)]],
})
process.stdout.write(`${paths.join('\n')}\n`)
