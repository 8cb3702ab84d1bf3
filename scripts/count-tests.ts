/**
 * Adds up what Vitest wrote as JSON, for CI: `count-tests.ts REPORT.json [AGAIN.json]` prints `passed failed`, and on stderr each
 * test that failed; `count-tests.ts --files REPORT.json` prints the files that failed, a line each. AGAIN is of those files run
 * once more with the machine to themselves: what it says of a file counts, and what it then passed is still named.
 */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

type Test = {
  readonly fullName: string
  readonly status: string
  readonly failureMessages: readonly string[]
}
type TestFile = {
  readonly name: string
  readonly status: string
  readonly message: string
  readonly assertionResults: readonly Test[]
}
type Failure = { readonly title: string; readonly message: string }

const [first, second] = process.argv.slice(2)
if (first === undefined)
  throw new Error('usage: node scripts/count-tests.ts [--files] REPORT.json [AGAIN.json]')
if (first === '--files') {
  for (const file of filesOf(second ?? '').filter(hasFailed)) console.log(pathOf(file))
} else {
  sumUp(filesOf(first), second === undefined ? [] : filesOf(second))
}

function sumUp(files: readonly TestFile[], again: readonly TestFile[]): void {
  const repeated = new Map(again.map((file) => [file.name, file]))
  let passed = 0
  let failed = 0
  for (const file of files) {
    const judged = repeated.get(file.name) ?? file
    const failures = failuresOf(judged)
    passed += judged.assertionResults.filter(({ status }) => status === 'passed').length
    failed += failures.length
    tell('FAILED', file, failures)
    if (judged !== file && failures.length === 0) tell('passed only alone', file, failuresOf(file))
  }
  console.log(`${passed} ${failed}`)
}

/** A file that could not be loaded, or whose process or hook failed, has no test that failed, and is a failure all the same. */
function failuresOf(file: TestFile): Failure[] {
  const failures = file.assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => ({ title: fullName.trim(), message: failureMessages[0] ?? '' }))
  if (failures.length > 0 || !hasFailed(file)) return failures
  return [{ title: 'the file itself', message: file.message }]
}

function hasFailed(file: TestFile): boolean {
  return file.status !== 'passed'
}

function tell(verdict: string, file: TestFile, failures: readonly Failure[]): void {
  for (const { title, message } of failures) {
    console.error(`${verdict}: ${pathOf(file)} > ${title}: ${message.split('\n')[0]}`)
  }
}

function filesOf(report: string): readonly TestFile[] {
  return (JSON.parse(readFileSync(report, 'utf8')) as { testResults: TestFile[] }).testResults
}

function pathOf({ name }: TestFile): string {
  return relative(process.cwd(), name)
}
