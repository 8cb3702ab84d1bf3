import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SimulationReport } from '../../bench/simulator/simulation-report.ts'
import { writeSimulation } from '../../bench/simulator/write-simulation.ts'

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync']

let directory: string
let browser: Browser

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'erji-simulation-page-'))
  const executablePath = process.env.ERJI_CHROMIUM ?? '/usr/bin/chromium'
  browser = await chromium.launch({ executablePath, headless: true, args: flags })
})
afterAll(async () => {
  await browser?.close()
  await rm(directory, { recursive: true, force: true })
})

test('the page of a simulation draws a line for each policy and asks for nothing but itself', async () => {
  const files = await writeSimulation(exampleSimulation(), { directory, parquet: false })
  const html = files.find((file) => file.endsWith('.html')) ?? ''
  const page = await browser.newPage({ viewport: { width: 1000, height: 800 } })
  const problems: string[] = []
  const requests: string[] = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => problems.push(message.text()))
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(pathToFileURL(html).href)
  await page.locator('figure canvas').nth(2).waitFor()
  // Over sizes, then over time at either size.
  expect(await page.locator('.u-legend .u-label').allInnerTexts()).toEqual([
    ...['objects', 'fifo', 'lru'],
    ...['requests', 'fifo', 'lru'],
    ...['requests', 'fifo', 'lru'],
  ])
  expect(await page.locator('.scroll table').count()).toBe(2)
  expect(problems).toEqual([])
  expect(requests).toEqual([pathToFileURL(html).href])
})

function exampleSimulation(): SimulationReport {
  const point = { policy: 'fifo', parameters: {}, unit: 'objects', requests: 100, bytes: 100 } as const
  const rest = { byteMisses: 1, byteMissRatio: 0.1, evictions: 0, expirations: 0, refusals: 0 }
  const rows = ['fifo', 'lru'].flatMap((label, index) =>
    [10, 70].map((capacity) => ({
      ...point,
      ...rest,
      trace: 'example </script> trace',
      label,
      size: String(capacity),
      capacity,
      misses: 90 - capacity - index,
      missRatio: (90 - capacity - index) / 100,
      nsPerRequest: 10,
      series: [40, 50 - capacity / 2].map((misses) => ({
        requests: 50,
        misses,
        bytes: 50,
        byteMisses: misses,
      })),
    })),
  )
  return {
    simulationSchemaVersion: 1,
    startedAt: '2026-03-02T09:30:00.000Z',
    seconds: 2,
    command: ['erji-bench', 'simulate'],
    environment: {
      cpuModel: 'a processor',
      logicalCores: 2,
      memoryBytes: 1,
      kernel: 'a kernel',
      runtime: 'Node.js',
      harnessVersion: '0',
    },
    settings: {
      ignoreObjectSize: true,
      warmUpFraction: 0,
      useTraceTtl: false,
      windows: 1,
      seed: 1,
      threads: 1,
    },
    traces: [
      {
        file: 'example </script> trace',
        sha256: '00',
        bytes: 1,
        format: 'txt',
        parameters: {},
        requests: 100,
        objects: 80,
        workingSetBytes: 80,
        hasSizes: false,
        skipped: 0,
      },
    ],
    rows,
  }
}
