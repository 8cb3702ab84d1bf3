import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { accessTraceSecret } from '../src/access-trace-secret.ts'

test('a trace keeps one secret, which only its owner may read', async () => {
  const { directory, trace } = await place()
  const secret = accessTraceSecret(trace)
  expect(secret).toMatch(/^[0-9a-f]{64}$/)
  expect(accessTraceSecret(trace)).toBe(secret)
  expect(await readdir(directory)).toEqual(['asked.secret'])
  expect((await stat(join(directory, 'asked.secret'))).mode & 0o777).toBe(0o600)
  expect(accessTraceSecret(join(directory, 'another'))).not.toBe(secret)
})

test('a secret file that holds something else is named', async () => {
  const { trace } = await place()
  await writeFile(`${trace}.secret`, 'swordfish\n')
  expect(() => accessTraceSecret(trace)).toThrow(
    /"[^"]*asked\.secret": it does not hold 64 hexadecimal digits/,
  )
})

test('a directory that takes no secret is named', async () => {
  const { directory } = await place()
  expect(() => accessTraceSecret(join(directory, 'missing', 'asked'))).toThrow(/asked\.secret": ENOENT/)
})

async function place(): Promise<{ directory: string; trace: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'erji-secret-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return { directory, trace: join(directory, 'asked') }
}
