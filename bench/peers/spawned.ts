import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server of this machine as a process of its own. */
export type Spawned = { readonly pid: number; readonly lines: readonly string[]; stop(): Promise<void> }

const startMsMax = 20_000
const linesMax = 50
const pollMs = 50

/** Starts a program and waits until it says that it is ready, or takes connections; it ends with this process at the latest. */
export async function spawnServer(
  program: string,
  programArguments: readonly string[],
  ready: { readonly line: (line: string) => boolean } | { readonly port: number },
): Promise<Spawned> {
  const child = spawn(program, programArguments, { stdio: ['ignore', 'pipe', 'pipe'] })
  const endWithUs = (): void => void child.kill('SIGTERM')
  process.once('exit', endWithUs)
  child.once('exit', () => process.removeListener('exit', endWithUs))
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (lines.length < linesMax) lines.push(line)
    })
  }
  let failure: string | undefined
  child.once('error', (error) => {
    failure = error.message
  })
  child.once('exit', (code) => {
    failure = `ended with ${code}`
  })
  const isReady = (): boolean | Promise<boolean> =>
    'line' in ready ? lines.some(ready.line) : takesConnections(ready.port)
  for (let waitedMs = 0; !(await isReady()); waitedMs += pollMs) {
    if (failure !== undefined || waitedMs > startMsMax) {
      child.kill('SIGKILL')
      throw new Error([`${program}: ${failure ?? 'not ready in time'}`, ...lines].join('\n'))
    }
    await sleep(pollMs)
  }
  return { pid: child.pid ?? 0, lines, stop: () => stopChild(child) }
}

/** Whether this machine has a program. */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', name]).status === 0
}

/** A port that nobody listens on at this moment, for programs that cannot take any free one. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}
