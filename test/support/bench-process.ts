import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readReport } from '../../bench/report/read-report.ts'
import type { Report } from '../../bench/report/report.ts'
import type { Ended } from './node-process.ts'

/** Flags of a command by name, without the dashes; `true` for one without a value. */
export type BenchFlags = Readonly<Record<string, string | true>>

/** The harness as a process of its own. */
export type BenchProcess = {
  /** Resolves with the match as soon as it has written such a text to stderr; rejects when it ends without. */
  saw(pattern: RegExp): Promise<RegExpExecArray>
  signal(name: NodeJS.Signals): void
  /** To it and to its workers at once: SIGINT as Ctrl-C does in a terminal, SIGTERM as timeout(1) does. */
  signalGroup(name: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

/**
 * Where harness processes run: a directory for their results and one that is their temporary directory, so that what
 * they leave there is seen. Disposing of it ends whatever was started and removes everything.
 */
export class BenchPlace implements AsyncDisposable {
  readonly results: string
  readonly temporary: string
  readonly #directory: string
  readonly #running = new Set<BenchProcess>()

  private constructor(directory: string) {
    this.#directory = directory
    this.results = join(directory, 'results')
    this.temporary = join(directory, 'tmp')
  }

  static async create(): Promise<BenchPlace> {
    const place = new BenchPlace(await mkdtemp(join(tmpdir(), 'erji-harness-')))
    await mkdir(place.temporary)
    return place
  }

  /** Starts one command, its results in this place. */
  start(command: string, flags: BenchFlags): BenchProcess {
    const all: BenchFlags = { ...flags, out: this.results }
    const given = Object.entries(all).flatMap(([name, value]) =>
      value === true ? [`--${name}`] : [`--${name}`, value],
    )
    const child = spawn(process.execPath, [mainFile, command, ...given], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: this.temporary },
      detached: true,
    })
    const bench = observe(child)
    this.#running.add(bench)
    void bench.ended.then(() => this.#running.delete(bench))
    return bench
  }

  /** The names of the report's files, in order, and its JSON as it reads back; there must be one report only. */
  async report(): Promise<{ readonly report: Report; readonly files: readonly string[] }> {
    const files = (await readdir(this.results)).sort()
    const [json, ...others] = files.filter((name) => /^\d{4}-.*\.json$/.test(name))
    if (json === undefined || others.length > 0) throw new Error(`not one report: ${files.join(', ')}`)
    return { report: await readReport(join(this.results, json)), files }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Asked, not killed: killed, it could not end the node that it started.
    for (const bench of this.#running) bench.signal('SIGINT')
    await Promise.all([...this.#running].map(({ ended }) => ended))
    await rm(this.#directory, { recursive: true, force: true })
  }
}

/** Whether a process of this number is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

const mainFile = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))

function observe(child: ChildProcess): BenchProcess {
  const output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const endWithUs = (): void => void child.kill('SIGTERM')
  process.once('exit', endWithUs)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      process.removeListener('exit', endWithUs)
      resolve({ code, signal, ...output })
    })
  })
  const saw = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(output.stderr)
        if (match === null) return
        child.stderr?.removeListener('data', look)
        resolve(match)
      }
      child.stderr?.on('data', look)
      child.once('close', () => reject(new Error(`${pattern} was not written:\n${output.stderr}`)))
      look()
    })
  return {
    saw,
    signal: (name) => void child.kill(name),
    signalGroup(name) {
      if (child.pid !== undefined) process.kill(-child.pid, name)
    },
    ended,
  }
}
