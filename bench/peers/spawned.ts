import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A server of this machine as a process of its own. */
export type Spawned = { readonly pid: number; readonly lines: readonly string[]; stop(): Promise<void> }

const startMsMax = 20_000

/** Starts a program and waits for the line that says it is ready; it ends with this process at the latest. */
export async function spawnServer(
  program: string,
  programArguments: readonly string[],
  isReady: (line: string) => boolean,
): Promise<Spawned> {
  const child = spawn(program, programArguments, { stdio: ['ignore', 'pipe', 'pipe'] })
  const endWithUs = (): void => void child.kill('SIGTERM')
  process.once('exit', endWithUs)
  child.once('exit', () => process.removeListener('exit', endWithUs))
  const lines: string[] = []
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error([`${program} ${why}`, ...lines].join('\n')))
    const timer = setTimeout(() => fail('was not ready in time'), startMsMax)
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (lines.length < linesMax) lines.push(line)
        if (!isReady(line)) return
        clearTimeout(timer)
        resolve()
      })
    }
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code) => {
      clearTimeout(timer)
      fail(`ended with ${code}`)
    })
  })
  return { pid: child.pid ?? 0, lines, stop: () => stopChild(child) }
}

const linesMax = 50

/** Whether this machine has a program. */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}
