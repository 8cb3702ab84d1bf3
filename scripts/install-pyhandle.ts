/**
 * Puts pyhandle, the Handle client that the scenario tests drive a node with, into a Python virtual environment of
 * its own, `.venv`, so that neither the machine's Python nor the package depends on it. Does nothing when it is there.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** @throws Error when Python lacks what it takes; its own output, shown, says what. */
export function installPyhandle(): void {
  const requirements = readFileSync(requirementsFile, 'utf8')
  if (existsSync(python) && existsSync(marker) && readFileSync(marker, 'utf8') === requirements) {
    console.log('pyhandle is installed in .venv')
    return
  }
  rmSync(environment, { recursive: true, force: true })
  run('python3', ['-m', 'venv', environment])
  run(python, ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', '-r', requirementsFile])
  run(python, ['-c', 'import pyhandle.handleclient'])
  // Written last: an installation that was interrupted is made again.
  writeFileSync(marker, requirements)
  console.log('pyhandle is now installed in .venv')
}

const environment = fileURLToPath(new URL('../.venv', import.meta.url))
const python = fileURLToPath(new URL('../.venv/bin/python', import.meta.url))
const marker = fileURLToPath(new URL('../.venv/installed-requirements.txt', import.meta.url))
const requirementsFile = fileURLToPath(new URL('../test/support/pyhandle-requirements.txt', import.meta.url))

function run(program: string, programArguments: readonly string[]): void {
  execFileSync(program, programArguments, { stdio: ['ignore', 'inherit', 'inherit'] })
}

if (import.meta.main) installPyhandle()
