import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createCommandLine, performers } from '../../../bench/commands/command-line.ts'
import type { GateFlags } from '../../../bench/commands/gate-options.ts'
import { conclude } from '../../../bench/gate/conclude.ts'
import { type GateResult, gateSchemaVersion } from '../../../bench/gate/gate-result.ts'
import { collectEnvironment } from '../../../bench/measure/environment.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const readExample = async (name: string) => parse(await readFile(join(root, 'examples', 'ci', name), 'utf8'))

/** What `npm run gate -- …` in a workflow hands to the gate, words split by a real shell with the job's variables. */
async function gateFlagsOf(line: string, variables: Record<string, string>): Promise<GateFlags> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  expect(scripts.gate).toBe('node bench/main.ts gate')
  expect(line).toMatch(/^npm run gate -- /)
  const words = line.replace('npm run gate --', 'printf "%s\\0"')
  const { stdout } = await run('bash', ['-euc', words], { env: { ...process.env, ...variables } })
  let given: GateFlags | undefined
  const context = { command: [], signal: new AbortController().signal, stream: process.stderr }
  const commandLine = createCommandLine(context, {
    performers: {
      ...performers,
      gate: async (flags) => {
        given = flags
        return 0
      },
    },
    done: () => undefined,
  })
  await commandLine.parseAsync(['node', 'erji-bench', 'gate', ...stdout.split('\0').slice(0, -1)])
  if (given === undefined) throw new Error('the gate was not called')
  return given
}

const regressed: GateResult = {
  gateSchemaVersion,
  startedAt: '2026-01-02T03:04:05.678Z',
  seconds: 1,
  command: [],
  seed: 1,
  environment: collectEnvironment(),
  baseline: 'origin/main',
  candidate: '.',
  threshold: 0.05,
  design: 'paired',
  results: [
    {
      metric: 'cpu',
      baseline: 100,
      candidate: 120,
      interval: { ratio: 1.2, low: 1.15, high: 1.25, confidence: 0.95, pairs: 8 },
      verdict: 'regressed',
      gating: true,
    },
  ],
  repetitions: [],
  verdict: 'regressed',
  reasons: [],
}

describe('the workflows to copy', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'erji-ci-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  test('that of GitHub gates a pull request against its base, and keeps what the gate wrote', async () => {
    const { jobs } = await readExample('github-gate.yml')
    const steps: { run?: string; uses?: string; if?: string; with?: Record<string, string> }[] =
      jobs.gate.steps
    const line = steps.map(({ run: text }) => text ?? '').find((text) => text.includes('npm run gate')) ?? ''
    const flags = await gateFlagsOf(line, { GITHUB_BASE_REF: 'main' })
    expect(flags).toMatchObject({ baseline: 'origin/main', candidate: '.', budget: 480, inconclusiveExit: 0 })
    expect(steps.find(({ uses }) => uses?.startsWith('actions/checkout'))?.with).toMatchObject({
      'fetch-depth': 0,
    })
    const upload = steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact'))
    expect(upload).toMatchObject({ if: 'always()', with: { path: `${flags.out}/` } })
  })

  test('that of GitLab gates a merge request, and its reports are the files that its last steps make', async () => {
    const job = (await readExample('gitlab-gate.yml'))['performance gate']
    const line = job.script.find((text: string) => text.includes('npm run gate'))
    const flags = await gateFlagsOf(line, { CI_MERGE_REQUEST_DIFF_BASE_SHA: 'abc123' })
    expect(flags).toMatchObject({ baseline: 'abc123', candidate: '.', inconclusiveExit: 0 })
    await conclude(regressed, {
      out: join(directory, flags.out),
      inconclusiveExit: flags.inconclusiveExit,
      json: true,
    })
    await run('bash', ['-euc', job.after_script.join('\n')], { cwd: directory })
    const { junit, metrics } = job.artifacts.reports
    expect(await readFile(join(directory, junit), 'utf8')).toContain('<failure')
    expect(await readFile(join(directory, metrics), 'utf8')).toContain('erji_gate_ratio{metric="cpu"} 1.2')
  })

  test('within GitHub a gate annotates the change and adds its table to the summary of the step', async () => {
    const summary = join(directory, 'summary.md')
    await writeFile(summary, 'before\n')
    const script = join(directory, 'conclude.ts')
    await mkdir(join(directory, 'out'))
    const module = join(root, 'bench', 'gate', 'conclude.ts')
    await writeFile(
      script,
      `import { conclude } from ${JSON.stringify(module)}\nprocess.exitCode = await conclude(${JSON.stringify(regressed)}, { out: ${JSON.stringify(join(directory, 'out'))}, inconclusiveExit: 4, json: true })\n`,
    )
    const environment = { ...process.env, GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary }
    const ended = await run(process.execPath, [script], { env: environment }).catch((error) => error)
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('::error title=cpu regressed::1.200')
    expect(JSON.parse(ended.stdout)).toEqual(regressed)
    expect(await readFile(summary, 'utf8')).toMatch(/^before\n## Gate: regressed[\s\S]*\| cpu \|/)
  })
})
