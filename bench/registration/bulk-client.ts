import type { Clock } from '../../src/support/clock.ts'
import { type ClientPlan, valuesJson } from './client-plan.ts'
import type { Tally } from './tally.ts'

/** One connection that sends bulk registrations one after the other, each whole before the next. */
export async function registerInBulk(
  plan: ClientPlan,
  at: { readonly connection: number; readonly tally: Tally; readonly clock: Clock },
): Promise<void> {
  const url = `http://${plan.host}:${plan.port}/api/registrations`
  const headers = { authorization: plan.authorization, 'content-type': 'application/x-ndjson' }
  for (let batch = 0; !at.tally.isOver; batch++) {
    const body = bulkBody(plan, `${plan.run}-${at.connection}-${batch}-`)
    const response = await fetch(url, { method: 'POST', headers, body })
    if (response.status !== 200) throw new Error(`a bulk registration was answered with ${response.status}`)
    let created = 0
    for await (const chunk of response.body ?? []) {
      const records = lineEnds(chunk)
      created += records
      at.tally.add({ records, asked: records, atNs: at.clock.nowNs() })
    }
    if (created !== plan.bulkRecords) throw new Error(`${created} of ${plan.bulkRecords} items were answered`)
  }
}

function bulkBody(plan: ClientPlan, start: string): Uint8Array<ArrayBuffer> {
  const head = `{"handle":"${plan.prefix}/${start}`
  const tail = `","values":${valuesJson}}\n`
  let text = ''
  for (let record = 0; record < plan.bulkRecords; record++) text += `${head}${record}${tail}`
  return new Uint8Array(Buffer.from(text))
}

const lineEnd = 10

function lineEnds(chunk: Uint8Array): number {
  let count = 0
  for (let at = chunk.indexOf(lineEnd); at >= 0; at = chunk.indexOf(lineEnd, at + 1)) count++
  return count
}
