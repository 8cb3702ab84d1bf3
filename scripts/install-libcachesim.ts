/**
 * Puts libCacheSim, the simulator that `npm run bench:simulator` alternates with, into a Python virtual environment of its own,
 * `.venv-libcachesim`. It is run as a program; no code of it enters this package. Does nothing when it is there.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Python with libCacheSim. */
export const libCacheSimPython = fileURLToPath(new URL('../.venv-libcachesim/bin/python', import.meta.url))

/** @throws Error when Python lacks what it takes; its own output, shown, says what. */
export function installLibCacheSim(): void {
  if (existsSync(libCacheSimPython) && isComplete()) return
  rmSync(environment, { recursive: true, force: true })
  run('python3', ['-m', 'venv', environment])
  run(libCacheSimPython, ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', requirement])
}

const requirement = 'libcachesim==0.3.5'
const environment = fileURLToPath(new URL('../.venv-libcachesim', import.meta.url))

function isComplete(): boolean {
  try {
    run(libCacheSimPython, ['-c', 'import libcachesim'])
    return true
  } catch (error) {
    console.error(`libCacheSim is installed again: ${String(error)}`)
    return false
  }
}

function run(program: string, programArguments: readonly string[]): void {
  execFileSync(program, programArguments, { stdio: ['ignore', 'inherit', 'inherit'] })
}

if (import.meta.main) installLibCacheSim()
