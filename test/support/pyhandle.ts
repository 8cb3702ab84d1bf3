import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const python = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url))

type Served = { readonly url: string; readonly prefix: string; readonly secretFile: string }

/** Runs the session of a pyhandle user against a node and returns what its steps gave, by name. */
export function runPyhandleSession(node: Served): Promise<Record<string, unknown>> {
  return runPython('pyhandle-session.py', node)
}

/** Runs the live integration tests of pyhandle's package against a node and returns the outcome of each, by name. */
export async function runPyhandleLiveTests(node: Served): Promise<Record<string, string>> {
  return (await runPython('pyhandle-live-tests.py', node)) as Record<string, string>
}

async function runPython(script: string, node: Served): Promise<Record<string, unknown>> {
  if (!existsSync(python)) {
    throw new Error('pyhandle is not installed: run "npm run install:test-tools", which puts it into .venv')
  }
  const { stdout } = await promisify(execFile)(
    python,
    [fileURLToPath(new URL(script, import.meta.url)), node.url, node.prefix, node.secretFile],
    { env: { ...process.env, PYTHONIOENCODING: 'utf-8', NO_PROXY: '*' } },
  )
  return JSON.parse(stdout)
}
