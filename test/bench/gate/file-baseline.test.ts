import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { UsageError } from '../../../bench/cli/flags.ts'
import { quietStream } from '../../../bench/cli/quiet-stream.ts'
import { compareWithFile } from '../../../bench/commands/gate-file-baseline.ts'
import { gateFlags } from '../../../bench/commands/gate-options.ts'
import { collectEnvironment } from '../../../bench/measure/environment.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'
import type { RecordSizes } from '../../../bench/workload/record-sizes.ts'
import { exampleReport } from '../../support/example-report.ts'
import { startPlainHandleServer } from '../../support/plain-handle-server.ts'

const directory = mkdtempSync(join(tmpdir(), 'erji-file-baseline-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const identifiers = 40
const seed = 7

/** What a candidate of two derived prefixes holds after it was compared with the report of a run with this `config`. */
async function registeredLike(config: Readonly<Record<string, unknown>>) {
  return (await comparedWith(config)).records
}

async function comparedWith(config: Readonly<Record<string, unknown>>) {
  const report = {
    ...exampleReport(),
    seed,
    environment: collectEnvironment(),
    config: { ...config, identifiers, prefixes: 2, rate: 1, duration: 1, warmUp: 0 },
  }
  const [baseline, secretFile] = [join(directory, 'baseline.json'), join(directory, 'secret')]
  writeFileSync(baseline, JSON.stringify(report))
  writeFileSync(secretFile, 'secret')
  const candidate = await startPlainHandleServer()
  try {
    const comparison = await compareWithFile(
      gateFlags.parse({ baseline, candidate: candidate.url, secretFile }),
      {
        command: [],
        signal: new AbortController().signal,
        stream: quietStream(),
      },
    )
    return { ...comparison, records: candidate.records }
  } finally {
    await candidate.close()
  }
}

const cases: [string, Readonly<Record<string, unknown>>, RecordSizes][] = [
  ['of a size', { preset: 'traceability', recordSizes: 'fixed:2000' }, { name: 'fixed', bytes: 2000 }],
  [
    'of the sizes of its preset',
    { preset: 'life-cycle', recordSizes: 'preset' },
    { name: 'lognormal', bytesMedian: 600, sigma: 1 },
  ],
]

test.each(cases)('a candidate registers the records of the report: %s', async (_, config, sizes) => {
  const records = await registeredLike(config)
  const generator = createRecordGenerator({ prefix: '88.118', seed, derivedPrefixes: 2, sizes })
  expect([...records.keys()].filter((handle) => handle.startsWith('0.NA/'))).toEqual([
    '0.NA/88.118.1',
    '0.NA/88.118.2',
  ])
  for (let ordinal = 0; ordinal < identifiers; ordinal++) {
    const { handle, valuesJson } = generator.recordOf(ordinal, 0)
    const description = descriptionOf(JSON.parse(valuesJson))
    expect(descriptionOf(records.get(handle.toUpperCase()) ?? []), handle).toEqual(description)
  }
})

test('a candidate is asked as the report says, also where a flag has no default', async () => {
  const { workload } = await comparedWith({ preset: 'ycsb-c', clients: 2, distribution: 'uniform' })
  expect(workload).toBe('ycsb-c by 2 clients over 40 identifiers')
})

test('the report of a run with faults is no baseline', async () => {
  await expect(comparedWith({ preset: 'ycsb-c', fault: ['kill@1s'] })).rejects.toThrow(UsageError)
})

function descriptionOf(values: readonly { readonly type: string; readonly data: unknown }[]): unknown {
  return values.find(({ type }) => type === 'DESC')?.data ?? 'none'
}
