import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CapacityResult, capacitySchemaVersion } from '../../../bench/capacity/capacity-result.ts'
import { serveFlags } from '../../../bench/commands/serve.ts'
import { type GateResult, gateSchemaVersion } from '../../../bench/gate/gate-result.ts'
import { writeReport } from '../../../bench/report/write-report.ts'
import { serveResults } from '../../../bench/serve/serve-results.ts'
import { exampleReport, failedExampleReport } from '../../support/example-report.ts'

const { environment, target, startedAt } = exampleReport()
const gate: GateResult = {
  ...{ gateSchemaVersion, startedAt, environment, seconds: 9, command: [], seed: 1 },
  ...{ baseline: 'main', candidate: '.', threshold: 0.05, design: 'paired', workload: 'traceability' },
  results: [
    {
      ...{ metric: 'cpu', baseline: 100, candidate: 101, verdict: 'unchanged', gating: true },
      interval: { ratio: 1.01, low: 0.99, high: 1.02, confidence: 0.95, pairs: 8 },
    },
  ],
  repetitions: [{ baseline: { cpu: 100 }, candidate: { cpu: 101, p50: 200 } }],
  ...{ verdict: 'passed', reasons: [] },
}
const capacity: CapacityResult = {
  ...{ capacitySchemaVersion, startedAt, environment, target, command: [], config: {}, seed: 1 },
  ...{
    objective: 'resolve.p99<1ms',
    capacityPerSecond: undefined,
    spread: undefined,
    kneePerSecond: undefined,
  },
  ...{ curve: [], searches: [{ capacityPerSecond: undefined, limitedBy: 'trials', trials: [] }] },
}

describe('a directory of results, served', () => {
  let place: string
  let server: FastifyInstance

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'erji-serve-'))
    const directory = join(place, 'results')
    await mkdir(join(directory, 'inner'), { recursive: true })
    await writeReport({ report: exampleReport(), directory, name: 'good' })
    await writeReport({ report: failedExampleReport(), directory, name: 'bad' })
    await writeFile(join(directory, 'broken.json'), '{"schemaVersion":')
    await writeFile(join(directory, 'other.json'), '{"schemaVersion":99,"phases":[]}')
    await writeFile(join(directory, 'gate.json'), JSON.stringify(gate))
    await writeFile(join(directory, 'capacity.json'), JSON.stringify(capacity))
    await writeFile(join(directory, 'broken-gate.json'), '{"gateSchemaVersion":1,"verdict":"passed"}')
    await writeFile(join(directory, 'broken-capacity.json'), '{"capacitySchemaVersion":1,"curve":[]}')
    await writeFile(join(directory, 'tree.json'), '{"treeSchemaVersion":1,"rows":[]}')
    await writeFile(join(directory, 'erji-load-0123456789ab.json'), '{"completed":5}')
    await writeFile(join(directory, '<b>.json'), '[]')
    await writeFile(join(place, 'secret.json'), JSON.stringify(exampleReport()))
    await writeFile(join(directory, 'inner', 'deep.json'), JSON.stringify(exampleReport()))
    await symlink(join(place, 'secret.json'), join(directory, 'link.json'))
    server = serveResults(directory)
  })
  afterAll(async () => {
    await server.close()
    await rm(place, { recursive: true, force: true })
  })

  const get = (url: string) => server.inject({ method: 'GET', url })
  const good = '2026-03-02T09-30-00Z-good.json'
  const bad = '2026-03-02T09-30-00Z-bad.json'

  test('its list names every run, and every file that cannot be read with the reason', async () => {
    const { body, statusCode } = await get('/')
    expect(statusCode).toBe(200)
    expect(body).toContain(`href="/runs/${good}"`)
    expect(body).toContain('broken.json is not JSON')
    expect(body).toContain('other.json is a report of schemaVersion 99; this program reads versions 1 to 2')
    expect(body).toContain('&lt;b&gt;.json')
    expect(body).not.toContain('<b>.json')
  })

  test('a run opens as its page, and a file that is none says why', async () => {
    const { body, headers } = await get(`/runs/${good}`)
    expect(headers['content-type']).toContain('text/html')
    expect(body).toContain('Passed: 0 wrong answers')
    expect(await get('/runs/broken.json')).toMatchObject({ statusCode: 422 })
  })

  test('gates and capacities open, and a damaged one is named with what is wrong with it', async () => {
    for (const name of ['gate.json', 'capacity.json']) {
      expect(await get(`/runs/${name}`)).toMatchObject({ statusCode: 200 })
    }
    const { body } = await get('/')
    expect(body).toContain('<span class="word">passed</span>; <span class="word">. against main</span>')
    expect(body).toContain('none meets resolve.p99&lt;1ms')
    expect(body).not.toContain('undefined against')
    for (const name of ['broken-gate.json', 'broken-capacity.json']) {
      const { body: reason, statusCode } = await get(`/runs/${name}`)
      expect(statusCode).toBe(422)
      expect(reason).toContain('startedAt is missing')
    }
  })

  test('results that have no page here are listed without alarm, and what a load goes on from is not listed', async () => {
    const { body } = await get('/')
    const row = /<tr[^>]*><td><\/td>\s*<th scope="row">tree.json<.*/.exec(body)?.[0]
    expect(row).not.toContain('alarm')
    expect(row).toContain('neither a run nor a gate nor a capacity')
    expect(body).not.toContain('erji-load-')
    expect(await get('/runs/tree.json')).toMatchObject({ statusCode: 422 })
  })

  test.each([
    '/runs/..%2fsecret.json',
    '/runs/%2e%2e%2fsecret.json',
    '/runs/inner%2fdeep.json',
    '/runs/link.json',
    '/../secret.json',
    '/compare?run=..%2fsecret.json&run=..%2fsecret.json',
  ])('%s leads nowhere', async (url) => {
    expect([400, 404]).toContain((await get(url)).statusCode)
  })

  test('chosen runs are compared: ratios to the first, all curves in one chart', async () => {
    const { body, statusCode } = await get(`/compare?run=${good}&run=${bad}`)
    expect(statusCode).toBe(200)
    expect(body).toContain('Comparison of 2 runs')
    const lines = JSON.parse(
      /<script type="application\/json" id="lines">(.*?)<\/script>/s.exec(body)?.[1] ?? '[]',
    )
    expect(lines[0].series.map(({ label }: { label: string }) => label)).toEqual([good, bad])
    expect(body).toContain('(× 1.000)')
  })

  test('one run alone is not compared', async () => {
    expect(await get(`/compare?run=${good}`)).toMatchObject({
      statusCode: 400,
      body: '1 runs are chosen; expected 2 to 8\n',
    })
  })

  test('it listens at loopback unless told otherwise', () => {
    expect(serveFlags.parse({})).toMatchObject({ host: '127.0.0.1' })
  })
})
