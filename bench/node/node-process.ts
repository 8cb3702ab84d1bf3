import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A node that the harness started for itself. */
export type NodeProcess = {
  readonly url: string
  readonly pid: number
  /** Asks it to shut down and waits; ends it by force if it does not within a bound. */
  stop(): Promise<void>
  /** `kill -9`, and waits for its end. */
  kill(): Promise<void>
}

export type NodeProcessOptions = {
  readonly dataDirectory: string
  readonly secretFile: string
  readonly prefix: string
  readonly durability: string
  readonly cacheBytes: string
  /** Threads that serve; as many as cores unless given. */
  readonly nodeWorkers?: number
  /** Further settings by flag name, without the dashes. */
  readonly settings?: Readonly<Record<string, string>>
  readonly startSecondsMax?: number
  /** A free one unless given. */
  readonly port?: number
  /** The node's main file, where it is not that of this package. */
  readonly program?: string
  /** Further arguments of the runtime, before the program. */
  readonly runtimeArguments?: readonly string[]
  /** What the runtime is started through, such as `nsenter …`; it must become the runtime without another process. */
  readonly startedThrough?: readonly string[]
  /** Environment variables besides this process's own. */
  readonly environment?: Readonly<Record<string, string>>
}

/** A node could not be started, or ended before its time. */
export class NodeProcessError extends Error {
  override readonly name = 'NodeProcessError'
}

const stopSecondsMax = 30
const outputLinesMax = 20

/** Starts this package's node on a free port of this machine and waits until it listens. */
export async function startNode(options: NodeProcessOptions): Promise<NodeProcess> {
  // Compiled for publishing, both programs end in .js.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const main = options.program ?? fileURLToPath(new URL(`../../src/main${extension}`, import.meta.url))
  const runtime = options.runtimeArguments ?? []
  const commandLine = [process.execPath, ...runtime, main, 'serve', ...flagsOf(options)]
  const [command = process.execPath, ...parameters] = [...(options.startedThrough ?? []), ...commandLine]
  const child = spawn(command, parameters, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
    // A group of its own: a terminal's Ctrl-C ends the measuring first, then the node, not both at once.
    detached: true,
  })
  // Whatever ends this process ends the node: nothing that the harness started outlives it.
  if (running.size === 0) process.once('exit', endAll)
  running.add(child)
  child.once('exit', () => {
    running.delete(child)
    if (running.size === 0) process.removeListener('exit', endAll)
  })
  const output: string[] = []
  try {
    const url = await whenListening(child, output, options.startSecondsMax ?? 60)
    return { url, pid: child.pid ?? 0, stop: () => stopNode(child), kill: () => killNode(child) }
  } catch (error) {
    await stopNode(child)
    throw error
  }
}

/** One listener for however many nodes there are. */
const running = new Set<ChildProcess>()

function endAll(): void {
  for (const child of running) {
    child.kill('SIGTERM')
    // One that is stopped sees nothing of it until it goes on.
    child.kill('SIGCONT')
  }
}

function flagsOf(options: NodeProcessOptions): string[] {
  const { dataDirectory, secretFile, prefix, durability, cacheBytes } = options
  const flags = {
    data: dataDirectory,
    prefix,
    host: '127.0.0.1',
    port: String(options.port ?? 0),
    'admin-secret-file': secretFile,
    durability,
    'cache-bytes': cacheBytes,
    ...options.settings,
  }
  const workers = options.nodeWorkers === undefined ? [] : ['--workers', String(options.nodeWorkers)]
  return [...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]), ...workers]
}

function whenListening(child: ChildProcess, output: string[], secondsMax: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer)
      reject(new NodeProcessError([`the node ${why}; its last lines:`, ...output].join('\n')))
    }
    const timer = setTimeout(() => fail(`did not listen within ${secondsMax} s`), secondsMax * 1000)
    const read = (line: string): void => {
      output.push(line)
      if (output.length > outputLinesMax) output.shift()
      const url = listeningUrl(line)
      if (url === undefined) return
      clearTimeout(timer)
      resolve(url)
    }
    // Both streams are read to their end: a full pipe would stop the node.
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', read)
    }
    child.once('error', (error) => {
      running.delete(child)
      fail(`could not be started: ${error.message}`)
    })
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? `code ${code}`}`))
  })
}

/** The address in the node's log line that says it listens. */
export function listeningUrl(line: string): string | undefined {
  if (!line.startsWith('{') || !line.includes('"listening"')) return undefined
  try {
    const entry: { msg?: unknown; url?: unknown } = JSON.parse(line)
    return entry.msg === 'listening' && typeof entry.url === 'string' ? entry.url : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

async function stopNode(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), stopSecondsMax * 1000)
  await ended
  clearTimeout(force)
}

async function killNode(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
