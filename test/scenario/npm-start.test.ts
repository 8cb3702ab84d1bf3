import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

test('SIGTERM to npm start reaches the node, which leaves as it is told to', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'erji-npm-'))
  const flags = ['--data', join(directory, 'data'), '--port', '0', '--host', '127.0.0.1', '--workers', '1']
  const npm = spawn('npm', ['start', '--', ...flags, '--store-reserve-bytes', '0'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  npm.stdout.setEncoding('utf8')
  onTestFinished(async () => {
    npm.kill('SIGKILL')
    const pid = nodePid(stdout)
    if (pid !== undefined && !stdout.includes('"msg":"stopped"')) process.kill(pid, 'SIGKILL')
    await rm(directory, { recursive: true, force: true })
  })
  const closed = once(npm, 'close')
  for await (const text of npm.stdout) {
    stdout += text
    if (stdout.includes('"msg":"listening"') && !npm.killed) npm.kill('SIGTERM')
  }
  await closed
  expect(stdout).toContain('"msg":"stopped"')
})

function nodePid(stdout: string): number | undefined {
  const pid = /"pid":(\d+)/.exec(stdout)?.[1]
  return pid === undefined ? undefined : Number(pid)
}
