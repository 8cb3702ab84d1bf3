import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const python = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url))
const session = fileURLToPath(new URL('pyhandle-session.py', import.meta.url))

/** Runs the session of a pyhandle user against a node and returns what its steps gave, by name. */
export async function runPyhandleSession(options: {
  readonly url: string
  readonly prefix: string
  readonly secretFile: string
}): Promise<Record<string, unknown>> {
  if (!existsSync(python)) {
    throw new Error('pyhandle is not installed: run "npm run install:test-tools", which puts it into .venv')
  }
  const { stdout } = await promisify(execFile)(
    python,
    [session, options.url, options.prefix, options.secretFile],
    { env: { ...process.env, PYTHONIOENCODING: 'utf-8', NO_PROXY: '*' } },
  )
  return JSON.parse(stdout)
}
