import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How a process ended, with everything that it wrote. */
export type Ended = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Flags of `erji serve` by name, without the dashes; a list gives the flag once with several values, or not at all. */
export type ServeFlags = Readonly<Record<string, string | readonly string[]>>

export type StartOptions = {
  /** The program that runs it, such as `nice`, with its arguments. */
  readonly under?: readonly string[]
  /** How many addresses it is expected to listen on, where that is fewer than it is given. */
  readonly listening?: number
}

/** A node as a process of its own, listening. */
export type NodeProcess = {
  /** The first address that it said it listens on. */
  readonly url: string
  readonly urls: readonly string[]
  readonly pid: number
  /** What it has written so far. */
  stdout(): string
  stderr(): string
  signal(name: NodeJS.Signals): void
  /** Resolves when it has ended, whatever ended it. */
  readonly ended: Promise<Ended>
  /** `kill -9`. */
  kill(): Promise<Ended>
  /** SIGTERM. */
  stop(): Promise<Ended>
}

export const testPrefix = '88.1000'

/**
 * A data directory and a secret file for nodes that follow each other or get in each other's way. Disposing of it ends
 * every process that was started in it and removes what they left.
 */
export class NodePlace implements AsyncDisposable {
  readonly directory: string
  readonly secretFile: string
  readonly #children = new Set<ChildProcess>()

  private constructor(directory: string) {
    this.directory = directory
    this.secretFile = join(directory, 'secret')
  }

  static async create(): Promise<NodePlace> {
    return new NodePlace(await mkdtemp(join(tmpdir(), 'erji-scenario-')))
  }

  /** Starts a node on a free port; rejects with all it wrote if it ends instead of listening. */
  async start(flags: ServeFlags = {}, options: StartOptions = {}): Promise<NodeProcess> {
    const given: ServeFlags = { ...this.#defaults(), ...flags }
    const { child, output, ended } = this.#spawn(['serve', ...argumentsOf(given)], options.under)
    const urls = await listening({
      child,
      output,
      addresses: options.listening ?? [given.host].flat().length,
    })
    return {
      url: urls[0] ?? '',
      urls,
      pid: child.pid ?? 0,
      stdout: () => output.stdout,
      stderr: () => output.stderr,
      signal: (name) => void child.kill(name),
      ended,
      kill: () => endBy(child, 'SIGKILL', ended),
      stop: () => endBy(child, 'SIGTERM', ended),
    }
  }

  /** Runs the program to its end, as an operator who mistypes or asks for what cannot be. */
  run(commandLine: readonly string[], { under }: Pick<StartOptions, 'under'> = {}): Promise<Ended> {
    return this.#spawn(commandLine, under).ended
  }

  /** Runs `erji serve` that is expected not to serve. */
  serveToEnd(flags: ServeFlags = {}, options: Pick<StartOptions, 'under'> = {}): Promise<Ended> {
    return this.run(['serve', ...argumentsOf({ ...this.#defaults(), ...flags })], options)
  }

  /** The `Authorization` header of the administrator of `prefix`. */
  async authorization(prefix = testPrefix): Promise<string> {
    return basic(`300:${prefix}/ADMIN`, (await readFile(this.secretFile, 'utf8')).trim())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children].map((child) => endBy(child, 'SIGKILL', whenEnded(child))))
    await rm(this.directory, { recursive: true, force: true })
  }

  #defaults(): ServeFlags {
    return {
      data: join(this.directory, 'data'),
      'admin-secret-file': this.secretFile,
      prefix: testPrefix,
      host: '127.0.0.1',
      port: '0',
      'cache-bytes': '64MiB',
      // A test machine may have less free than a node should: what a full disk does has a test of its own.
      'store-reserve-bytes': '0',
    }
  }

  #spawn(commandLine: readonly string[], under: readonly string[] = []) {
    const [program = '', ...programArguments] = [...under, process.execPath, mainFile, ...commandLine]
    const child = spawn(program, programArguments, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environmentWithoutSettings(),
    })
    this.#children.add(child)
    const endWithUs = (): void => void child.kill('SIGKILL')
    process.once('exit', endWithUs)
    const output = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text
    })
    const ended = whenEnded(child).then(({ code, signal }): Ended => {
      this.#children.delete(child)
      process.removeListener('exit', endWithUs)
      return { code, signal, ...output }
    })
    return { child, output, ended }
  }
}

/** A Basic authentication header; the colon of `index:handle` is percent-encoded as clients of the Handle API do. */
export function basic(user: string, secret: string): string {
  return `Basic ${Buffer.from(`${user.replace(':', '%3A')}:${secret}`).toString('base64')}`
}

const mainFile = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const startMsMax = 60_000

// Whoever runs the tests may have settings of a node in their environment; these nodes must not see them.
function environmentWithoutSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ERJI_')))
}

function argumentsOf(flags: ServeFlags): string[] {
  return Object.entries(flags).flatMap(([name, value]) => {
    const values = [value].flat()
    return values.length === 0 ? [] : [`--${name}`, ...values]
  })
}

type Starting = {
  readonly child: ChildProcess
  readonly output: { readonly stdout: string; readonly stderr: string }
  readonly addresses: number
}

function listening({ child, output, addresses }: Starting): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      child.stdout?.removeListener('data', look)
      child.removeListener('close', fail)
      act()
    }
    const look = (): void => {
      const urls = listeningUrls(output.stdout)
      if (urls.length === addresses) settle(() => resolve(urls))
    }
    const fail = (): void => {
      settle(() => reject(new Error(`the node did not listen:\n${output.stdout}${output.stderr}`)))
    }
    const timer = setTimeout(fail, startMsMax)
    child.stdout?.on('data', look)
    child.once('close', fail)
  })
}

/** The addresses in the log lines that say `listening`. */
function listeningUrls(stdout: string): readonly string[] {
  const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1)
  return whole.split('\n').flatMap((line) => {
    if (!line.includes('"msg":"listening"')) return []
    return [(JSON.parse(line) as { url: string }).url]
  })
}

type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** `close` rather than `exit`: by then everything that it wrote has been read. */
function whenEnded(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve({ code: child.exitCode, signal: child.signalCode })
      return
    }
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
}

function endBy<Result>(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<Result>): Promise<Result> {
  child.kill(signal)
  return ended
}
