import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type GateResult, gateSchemaVersion } from '../../bench/gate/gate-result.ts'
import { metrics } from '../../bench/gate/metric.ts'
import { LatencyHistogram } from '../../bench/measure/latency-histogram.ts'
import { readReport } from '../../bench/report/read-report.ts'
import type { Report } from '../../bench/report/report.ts'
import { type ReportPaths, writeReport } from '../../bench/report/write-report.ts'
import { serveResults } from '../../bench/serve/serve-results.ts'
import { exampleReport, failedExampleReport } from '../support/example-report.ts'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let directory: string
let context: BrowserContext
let passed: ReportPaths
let failed: ReportPaths

beforeAll(async () => {
  const executablePath = process.env.ERJI_CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(executablePath)) {
    throw new Error(
      `no Chromium at ${executablePath}: run scripts/install-system.sh, or name one in the variable ERJI_CHROMIUM`,
    )
  }
  directory = await mkdtemp(join(tmpdir(), 'erji-report-page-'))
  passed = await writeReport({ report: exampleReport(), directory, name: 'passed' })
  failed = await writeReport({ report: failedExampleReport(), directory, name: 'failed' })
  context = await chromium.launchPersistentContext(join(directory, 'profile'), {
    executablePath,
    headless: true,
    args: flags,
  })
})
afterAll(async () => {
  await context?.close()
  if (directory !== undefined) await rm(directory, { recursive: true, force: true })
})

describe('the report page in a real browser', () => {
  let page: Page
  let problems: string[]
  let requests: string[]

  beforeEach(async () => {
    problems = []
    requests = []
    page = await context.newPage()
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('request', (request) => requests.push(request.url()))
  })
  afterEach(async () => {
    await page.close()
    expect(problems).toEqual([])
  })

  test('it asks for nothing but itself', async () => {
    const url = await open(page, passed)
    expect(requests).toEqual([url])
  })

  test('every chart is drawn, with lines and not only axes', async () => {
    await open(page, failed)
    const charts = await page.locator('figure').count()
    // Load and two open-loop phases have four charts each, the closed loop has none; two show the whole run.
    expect(charts).toBe(14)
    expect(await page.locator('figure canvas').count()).toBe(charts)
    expect(await inkedCharts(page)).toEqual(Array(charts).fill(true))
  })

  test('choosing an operation draws its own curve', async () => {
    await open(page, passed)
    const plot = page.locator('figure[data-chart="percentiles"][data-phase="1"]')
    const before = await plot.locator('canvas').evaluate(canvasUrl)
    await plot.locator('select').selectOption({ label: 'register, ok' })
    expect(await plot.locator('canvas').evaluate(canvasUrl)).not.toBe(before)
  })

  test('the numbers in the tables are those of the JSON', async () => {
    await open(page, failed)
    const report = await readReport(failed.json)
    for (const [index, phase] of report.phases.entries()) {
      if (phase.kind !== 'open-loop') continue
      const rows = page.locator(`section[aria-labelledby="phase-${index}"] .scroll tbody tr`)
      expect(await rows.count()).toBe(phase.operations.length)
      for (const [
        rowIndex,
        { operation, outcome, count, latency, serviceTime },
      ] of phase.operations.entries()) {
        const row = rows.nth(rowIndex)
        expect(await row.locator('th').textContent()).toBe(operation)
        expect(await row.locator('td').first().textContent()).toBe(outcome)
        expect(await numbersOf(row)).toEqual([
          count,
          ...[latency, serviceTime].flatMap(({ p50Ns, p99Ns, p999Ns, maxNs }) => [
            p50Ns,
            p99Ns,
            p999Ns,
            maxNs,
          ]),
        ])
      }
    }
    expect(JSON.parse((await page.locator('#report').textContent()) ?? '')).toEqual(report)
  })

  test('the heat map holds every answer of the timeline, and latency against rate every phase', async () => {
    await open(page, failed)
    const report = await readReport(failed.json)
    const charts = JSON.parse((await page.locator('#charts').textContent()) ?? '')
    const lines = JSON.parse((await page.locator('#lines').textContent()) ?? '')
    for (const [index, phase] of report.phases.entries()) {
      if (phase.kind !== 'open-loop') continue
      const counts: number[] = charts[index].heat.counts.flat()
      const answered = phase.timeline.reduce((sum, { completed, failed }) => sum + completed + failed, 0)
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(answered)
    }
    const rates = report.phases
      .filter((phase) => phase.kind === 'open-loop')
      .map((phase) => phase.offeredPerSecond)
    expect(lines.at(-1).x).toEqual(rates)
  })

  test('a column of the heat map lies from the beginning of its second to its end, the last one too', async () => {
    const one = exampleReport()
    const phases = one.phases.filter(({ kind }) => kind === 'open-loop')
    const paths = await writeReport({ report: { ...one, phases }, directory, name: 'heat' })
    await page.addInitScript(recordCells)
    await open(page, paths)
    const painted: Cell[] = await page.evaluate('globalThis.cells')
    // It may be painted again as its width settles.
    const bounds = painted.at(-1)?.bounds ?? { left: 0, right: 0 }
    const cells = painted.filter((cell) => cell.bounds.right === bounds.right)
    const charts = JSON.parse((await page.locator('#charts').textContent()) ?? '')
    const { atSeconds } = charts[0].heat
    const columns = [...new Set(cells.map(({ left }) => left))].sort((left, right) => left - right)
    expect(columns).toHaveLength(atSeconds.length)
    expect(columns[0]).toBeCloseTo(bounds.left, 0)
    expect(Math.max(...cells.map(({ right }) => right))).toBeCloseTo(bounds.right, 0)
  })

  test('faults are bands in the charts, and host series are drawn', async () => {
    const report = exampleReport()
    const host = Array.from({ length: 20 }, (_, atSeconds) => ({
      atSeconds,
      machineCores: 1.5,
      nodeCores: 0.5 + atSeconds / 40,
      nodeResidentBytes: 2 ** 28 + atSeconds * 2 ** 20,
      generatorLoopDelayNs: 2e6,
      hitRatio: 0.8,
    }))
    const fault = { kind: 'kill', fromSeconds: 5, untilSeconds: 9, lowestServedShare: 0.1, worstP99Ns: 1e9 }
    const phases = report.phases.map((phase) =>
      phase.kind === 'open-loop' ? { ...phase, host, faults: [fault] } : phase,
    )
    const plain = await open(page, passed)
    const before = await page.locator('[data-chart="throughput"][data-phase="1"] canvas').evaluate(canvasUrl)
    await open(page, await writeReport({ report: { ...report, phases }, directory, name: 'host' }))
    expect(plain).toContain('passed')
    expect(
      await page.locator('[data-chart="throughput"][data-phase="1"] canvas').evaluate(canvasUrl),
    ).not.toBe(before)
    expect(await page.locator('[aria-labelledby="phase-1"] .charts.small canvas').count()).toBe(4)
    expect(await inkedCharts(page)).toEqual(Array(await page.locator('figure').count()).fill(true))
  })

  test('a phase of one batch in one second is drawn as points', async () => {
    const report = exampleReport()
    const one = new LatencyHistogram()
    one.record(5e6)
    const phases = report.phases.map((phase) =>
      phase.kind === 'load'
        ? { ...phase, batchServiceTime: one.toHistogram(), timeline: phase.timeline.slice(0, 1) }
        : phase,
    )
    await open(page, await writeReport({ report: { ...report, phases }, directory, name: 'one' }))
    expect(await page.locator('[data-phase="0"] canvas').count()).toBe(3)
  })

  test('a chart that has the focus is read with the arrow keys, and its numbers are the timeline’s', async () => {
    await open(page, passed)
    const report = await readReport(passed.json)
    const plot = page.locator('[data-chart="throughput"][data-phase="1"] .plot')
    await plot.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    const phase = report.phases[1]
    if (phase?.kind !== 'open-loop') throw new Error('the second phase of the example is an open loop')
    const shown = await plot.locator('.u-legend .u-value').allTextContents()
    const point = phase.timeline[1]
    expect(shown.slice(0, 3)).toEqual(['1 s', String(point?.offered), String(point?.completed)])
  })

  test('every word of the page but names and numbers is there in Chinese, and English comes back', async () => {
    const report = troubledReport()
    const isName = namesOf(report)
    await open(page, await writeReport({ report, directory, name: 'troubled' }))
    const words = () => page.locator(textElements).evaluateAll(ownTexts)
    const english = await words()
    await page.locator('#language').click()
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
    const chinese = await words()
    const same = english.filter((text, index) => text === chinese[index] && !isName(text))
    expect(same).toEqual([])
    expect(chinese.join()).toContain('延迟')
    expect(await page.locator('.u-legend').first().textContent()).toContain('应发')
    // Names and numbers of a table stay, our words in it do not.
    const inTables = await page.locator('tbody .word').allTextContents()
    expect(new Set(inTables)).toEqual(new Set(['是', '否']))
    await page.locator('#language').click()
    expect(new Set(await page.locator('tbody .word').allTextContents())).toEqual(new Set(['yes', 'NO']))
    expect(await words()).toEqual(english)
  })

  test('a gate and a list of results are there in Chinese too, but names and numbers', async () => {
    const gate = exampleGate()
    const list = await mkdtemp(join(directory, 'list-'))
    await writeReport({ report: failedExampleReport(), directory: list, name: 'run' })
    await writeFile(join(list, 'gate.json'), JSON.stringify(gate))
    await writeFile(join(list, 'tree.json'), '{"treeSchemaVersion":1}')
    await writeFile(join(list, 'broken.json'), '{')
    const server = serveResults(list)
    try {
      for (const [path, told] of [
        ['/', ['失败', '. 相对 main', '门禁', '其他', '无法读取', '比较所选运行']],
        ['/runs/gate.json', ['退化', '区间', '候选 / 基线', 'throughput 无法测量（闭环每秒']],
      ] as const) {
        const file = join(list, 'page.html')
        await writeFile(file, (await server.inject(path)).body)
        await page.goto(pathToFileURL(file).href)
        const words = () => page.locator(textElements).evaluateAll(ownTexts)
        const english = await words()
        await page.locator('#language').click()
        const chinese = await words()
        const isName = namesOf(gate)
        expect(english.filter((text, index) => text === chinese[index] && !isName(text))).toEqual([])
        for (const word of told) expect(chinese.join()).toContain(word)
      }
    } finally {
      await server.close()
    }
  })

  test('a passed run says so, without an alarming word', async () => {
    await open(page, passed)
    expect(await page.locator('#verdict').textContent()).toContain('Passed: 0 wrong answers')
    expect(await page.locator('.alarm').count()).toBe(0)
  })

  test('a failed verdict and an invalid phase stand in red, with their reasons', async () => {
    await open(page, failed)
    const { verdict, phases } = failedExampleReport()
    const notices = (await page.locator('.notice.alarm').allTextContents()).join('\n')
    for (const reason of [...verdict.reasons, ...phases.flatMap(({ invalidBecause }) => invalidBecause)]) {
      expect(notices).toContain(reason)
    }
    for (const colour of await page.locator('.alarm').evaluateAll(textColours))
      expect(isReddish(colour)).toBe(true)
  })

  test('on a phone nothing sticks out sideways, and the charts fit', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await open(page, failed)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    for (const box of await Promise.all(
      (await page.locator('canvas').all()).map((canvas) => canvas.boundingBox()),
    )) {
      expect((box?.x ?? 0) + (box?.width ?? Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(360)
    }
  })

  test('a narrower window redraws the charts to its width', async () => {
    await page.setViewportSize({ width: 1200, height: 800 })
    await open(page, passed)
    await page.setViewportSize({ width: 360, height: 740 })
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(360)
  })

  test('text is legible in a light and in a dark scheme, and the charts follow', async () => {
    const charts: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await open(page, failed)
      const pairs = await page.locator('h1, p, td, th, dt, dd, pre, li').evaluateAll(colourPairs)
      const poor = pairs.filter(({ text, background }) => contrastOf(text, background) < 4.5)
      expect(poor).toEqual([])
      const background = pairs[0]?.background ?? [0, 0, 0]
      expect(luminanceOf(background) > 0.5).toBe(colorScheme === 'light')
      charts.push(await page.locator('canvas').first().evaluate(canvasUrl))
    }
    expect(charts[0]).not.toBe(charts[1])
  })
})

/** A cell of a heat map as it is painted, and the bounds of its chart, in pixels of the canvas. */
type Cell = {
  readonly left: number
  readonly right: number
  readonly bounds: { readonly left: number; readonly right: number }
}

// Within the page: cells are what is painted in the colour of heat, clipped to the rectangle that was made before.
const recordCells = `
globalThis.cells = []
let bounds
const { rect, fillRect } = CanvasRenderingContext2D.prototype
CanvasRenderingContext2D.prototype.rect = function (left, top, width, height) {
  bounds = { left, right: left + width }
  rect.call(this, left, top, width, height)
}
CanvasRenderingContext2D.prototype.fillRect = function (left, top, width, height) {
  const inHeat = this.canvas.closest('[data-heat]') !== null
  if (inHeat) globalThis.cells.push({ left, right: left + width, bounds })
  fillRect.call(this, left, top, width, height)
}`

async function open(page: Page, paths: ReportPaths): Promise<string> {
  const url = pathToFileURL(paths.html).href
  await page.goto(url)
  await page.locator('figure canvas').last().waitFor()
  return url
}

async function numbersOf(row: ReturnType<Page['locator']>): Promise<number[]> {
  const values = await row
    .locator('data')
    .evaluateAll((elements) => elements.map((element) => element.getAttribute('value')))
  return values.map(Number)
}

/** Whatever holds words of ours. */
const textElements =
  'main :is(h1, h2, h3, figcaption, thead th, dt, dd, li, p, td, caption, button, td .word):not(.plot *)'

/** What is the same in both languages: numbers, percentiles, operations and outcomes, and what a document itself holds. */
function namesOf(document: unknown): (text: string) => boolean {
  const told = new Set<string>()
  const collect = (value: unknown, key = ''): void => {
    told.add(key)
    told.add(typeof value === 'string' ? value : JSON.stringify(value))
    if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) collect(inner, name)
  }
  collect(document)
  const figure = /^(?:p[\d.]+|[\d.,]*(?:%|\/s|[µnmu]?s|[KMGT]?i?B)?|-|erji(?:-bench)?)$/
  const isFigures = (text: string): boolean => text.split(/[\s,;]+/).every((part) => figure.test(part))
  return (text) => told.has(text) || text in metrics || isFigures(text)
}

/** With all that a report may have to say of trouble. */
function troubledReport(): Report {
  const failed = failedExampleReport()
  const fault = { kind: 'kill', fromSeconds: 8, untilSeconds: 15.5, lowestServedShare: 0, worstP99Ns: 363e6 }
  const phases = failed.phases.map((phase) => {
    const disturbed = { ...phase, machineCpuSeconds: phase.durationSeconds * 2 }
    if (disturbed.kind !== 'open-loop') return disturbed
    const faults = [fault, { ...fault, kind: 'stop', recoveredAfterSeconds: 14 }]
    return { ...disturbed, faults, errorBudget: { allowedShare: 0.001, failed: 12, spentShare: 0.5 } }
  })
  return { ...failed, phases }
}

function exampleGate(): GateResult {
  const { environment, startedAt } = exampleReport()
  const interval = { ratio: 1.12, low: 1.08, high: 1.16, confidence: 0.95, pairs: 12 }
  const side = { baseline: 100, candidate: 112, interval }
  const reason = `throughput could not be measured (${metrics.throughput.meaning})`
  return {
    ...{ gateSchemaVersion, startedAt, environment, seconds: 9, command: [], seed: 1 },
    ...{ baseline: 'main', candidate: '.', threshold: 0.05, design: 'paired' },
    results: [
      { ...side, metric: 'cpu', verdict: 'regressed', gating: true },
      { ...side, metric: 'p99', verdict: 'inconclusive', gating: false },
    ],
    ...{ repetitions: [], verdict: 'regressed', reasons: [reason] },
    notMeasured: [{ metric: 'throughput', reason }],
  }
}

/** The text of elements without what is in their children. */
function ownTexts(
  elements: readonly { readonly childNodes: Iterable<{ nodeType: number; textContent: string | null }> }[],
): string[] {
  return elements.map((element) =>
    [...element.childNodes]
      .filter(({ nodeType }) => nodeType === 3)
      .map(({ textContent }) => textContent ?? '')
      .join('')
      .trim(),
  )
}

/** Whether each chart holds pixels with colour, which the grey axes and grid have not. */
function inkedCharts(page: Page): Promise<boolean[]> {
  return page.locator('canvas').evaluateAll((canvases) =>
    canvases.map((canvas) => {
      const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
      let coloured = 0
      for (let index = 0; index < pixels.length; index += 4) {
        const channels = [pixels[index], pixels[index + 1], pixels[index + 2]]
        if (pixels[index + 3] > 200 && Math.max(...channels) - Math.min(...channels) > 80) coloured++
      }
      return coloured > 100
    }),
  )
}

type Rgb = readonly number[]

function canvasUrl(canvas: { toDataURL(): string }): string {
  return canvas.toDataURL()
}

// These two run in the page, where the browser's own names exist and nothing of this file does.
declare function getComputedStyle(element: object): {
  readonly color: string
  readonly backgroundColor: string
}

function textColours(elements: readonly object[]): number[][] {
  return elements.map((element) => (getComputedStyle(element).color.match(/[\d.]+/g) ?? []).map(Number))
}

function colourPairs(
  elements: readonly { readonly parentElement: object | null }[],
): { readonly text: Rgb; readonly background: Rgb; readonly words: string }[] {
  const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number)
  return elements.map((element) => {
    // The nearest ancestor that paints is what lies behind the text.
    let behind: { readonly parentElement: object | null } | null = element
    while (behind !== null && channels(getComputedStyle(behind).backgroundColor)[3] === 0) {
      behind = behind.parentElement as typeof behind
    }
    return {
      text: channels(getComputedStyle(element).color),
      background: behind === null ? [255, 255, 255] : channels(getComputedStyle(behind).backgroundColor),
      words: String((element as { textContent?: string }).textContent).slice(0, 40),
    }
  })
}

function isReddish([red = 0, green = 0, blue = 0]: Rgb): boolean {
  return red > 150 && red > 1.3 * Math.max(green, blue)
}

/** Contrast ratio of WCAG 2.2: 4.5 is the least for text of this size. */
function contrastOf(text: Rgb, background: Rgb): number {
  const [darker = 0, lighter = 0] = [luminanceOf(text), luminanceOf(background)].toSorted((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminanceOf(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((channel) => {
    const share = channel / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
