/**
 * Puts vegeta, an open-loop load tool that `npm run bench:truth` measures beside the harness, into `.venv-vegeta/bin`, built by
 * the machine's Go from the Go module proxy. Without Go it is left out, and the result says so.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const directory = fileURLToPath(new URL('../.venv-vegeta/bin', import.meta.url))
const module = 'github.com/tsenart/vegeta/v12@v12.12.0'

if (!existsSync(`${directory}/vegeta`)) {
  const { status, error } = spawnSync('go', ['install', module], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, GOBIN: directory },
  })
  if (status !== 0)
    console.error(`vegeta is left out: ${error?.message ?? `go install ended with ${status}`}`)
}
