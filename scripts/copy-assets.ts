/**
 * Puts beside the compiled files what `tsc` does not copy: the style and script of the report page, the schema of
 * results and the trace that ships. Runs as the second half of `npm run build`.
 */
import { cpSync, globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const assets = globSync(['bench/report/**/*.{js,css,json}', 'bench/workload/traces/data/*'], { cwd: root })
for (const asset of assets) cpSync(`${root}/${asset}`, `${root}/dist/${asset}`, { recursive: true })
console.log(`${assets.length} assets copied to dist`)
