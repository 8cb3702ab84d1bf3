/** Computes the table of `docs/scale.md` from a result: `node bench/cassandra/scale.ts docs/results/cassandra/cassandra.json`. */
import { readFileSync } from 'node:fs'
import type { CassandraResult } from './report.ts'
import { costsOf, scaleTable } from './scale-model.ts'

const [, , file = 'docs/results/cassandra/cassandra.json'] = process.argv
const costs = costsOf(JSON.parse(readFileSync(file, 'utf8')) as CassandraResult)
process.stdout.write(`${JSON.stringify(costs, undefined, 2)}\n\n${scaleTable(costs)}\n`)
