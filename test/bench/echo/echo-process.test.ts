import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { handlePath } from '../../../bench/target/handle-path.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'

const records = { seed: 42, prefix: '88.118' }

test('signals to the process group do not end the echo server, the end of its channel does', async () => {
  const file = fileURLToPath(new URL('../../../bench/echo/echo-process.ts', import.meta.url))
  const child = fork(file, { execArgv: [] })
  try {
    const listening = once(child, 'message')
    child.send({ records, identifiers: 1 })
    const [port] = await listening
    const url = `http://127.0.0.1:${port}${handlePath(createRecordGenerator(records).handleOf(0))}`
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      child.kill(signal)
      expect((await fetch(url)).status).toBe(200)
    }
    const ended = once(child, 'exit')
    child.disconnect()
    expect(await ended).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
  }
})
