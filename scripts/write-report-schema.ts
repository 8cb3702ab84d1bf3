/**
 * Writes bench/report/report.schema.json, the published JSON Schema of a report, from the schema that the harness
 * itself checks reports with. Run it after changing a field of a report; a test fails until then.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { reportJsonSchema } from '../bench/report/schema.ts'

const file = fileURLToPath(new URL('../bench/report/report.schema.json', import.meta.url))
writeFileSync(file, `${JSON.stringify(reportJsonSchema(), undefined, 2)}\n`)
const biome = fileURLToPath(new URL('../node_modules/.bin/biome', import.meta.url))
execFileSync(biome, ['format', '--write', file], { stdio: 'ignore' })
console.log(`wrote ${file}`)
