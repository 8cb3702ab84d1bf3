import { fork } from 'node:child_process'
import { WorkerError } from '../driver/worker-pool.ts'
import type { RecordGeneratorOptions } from '../workload/record-generator.ts'

/** Which identifiers the echo server answers: ordinals from 0 to `identifiers`. */
export type EchoPlan = { readonly records: RecordGeneratorOptions; readonly identifiers: number }

export type Echo = { readonly url: string; close(): void }

/** Starts the echo server in a process of its own; whoever starts it closes it. @throws WorkerError */
export async function startEcho(plan: EchoPlan): Promise<Echo> {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const child = fork(new URL(`./echo-process${extension}`, import.meta.url), { execArgv: [] })
  const close = (): void => {
    child.removeAllListeners()
    child.kill('SIGKILL')
  }
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.once('message', (listening) => resolve(Number(listening)))
      child.once('error', reject)
      child.once('exit', (code) => reject(new WorkerError(`the echo server ended with code ${code}`)))
      child.send(plan)
    })
    return { url: `http://127.0.0.1:${port}`, close }
  } catch (error) {
    close()
    throw error
  }
}
