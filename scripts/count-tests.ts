/** Prints `passed failed` of a Vitest JSON report, so that CI can add the suites up. A suite that could not be loaded has no test that failed, and is a failure all the same. */
import { readFileSync } from 'node:fs'

type Counts = {
  readonly success: boolean
  readonly numPassedTests: number
  readonly numFailedTests: number
}

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: node scripts/count-tests.ts REPORT.json')
const counts = JSON.parse(readFileSync(file, 'utf8')) as Counts
const unloaded = !counts.success && counts.numFailedTests === 0 ? 1 : 0
console.log(`${counts.numPassedTests} ${counts.numFailedTests + unloaded}`)
