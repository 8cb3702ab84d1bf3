/**
 * Puts RocksDB, which `npm run bench:engines` measures beside LevelDB, into `.venv-rocksdb`: 54 MB with its sources, wanted by
 * nothing else, so it is no dependency. Its prebuilt binary is used as it is; no script of the package runs.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const directory = fileURLToPath(new URL('../.venv-rocksdb', import.meta.url))
const version = '12.2.12'

/** @throws Error when npm cannot fetch it. */
export function installRocks(): void {
  if (existsSync(`${directory}/node_modules/@nxtedition/rocksdb`)) return
  mkdirSync(directory, { recursive: true })
  // Otherwise npm would take the package around it for the one to install into.
  writeFileSync(`${directory}/package.json`, '{ "private": true }\n')
  const { status, error } = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', `@nxtedition/rocksdb@${version}`],
    { cwd: directory, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  if (status !== 0) throw error ?? new Error(`npm ended with ${status}`)
}

if (import.meta.main) installRocks()
