import { describe, expect, test } from 'vitest'
import { formatNs } from '../../../bench/report/format-units.ts'
import { formats } from '../../../bench/report/index.ts'
import { legend } from '../../../bench/report/legend.ts'
import type { DrivenPhase, Report } from '../../../bench/report/report.ts'
import { exampleReport, failedExampleReport } from '../../support/example-report.ts'

describe.each(Object.entries(formats))('format %s', (name, format) => {
  test('the same report gives the same text', () => {
    expect(format(exampleReport())).toBe(format(exampleReport()))
  })

  test('a report without phases is still a document', () => {
    expect(format({ ...exampleReport(), phases: [] })).toContain('127.0.0.1:8000')
  })

  test('a failed run shows its wrong answers, its reasons and why a phase is invalid', () => {
    const report = failedExampleReport()
    const text = format(report)
    for (const reason of report.verdict.reasons) expect(text).toContain(reason)
    for (const reason of openLoopOf(report, 1).invalidBecause) expect(text).toContain(reason)
    if (name !== 'json') {
      expect(text).toContain(`Failed: ${report.verdict.wrongAnswers} wrong answers`)
      expect(text).toMatch(/invalid/i)
    }
  })

  test('a run of which only a phase is invalid did not fail: it says that it must not be quoted, and why', () => {
    const good = exampleReport()
    const reason = 'the generator was late'
    const phases = good.phases.map((phase, index) =>
      index === 1 ? { ...phase, valid: false, invalidBecause: [reason] } : phase,
    )
    const { name: phase = '' } = good.phases[1] ?? {}
    const reasons = [`${phase} is invalid: ${reason}`]
    const text = format({ ...good, phases, verdict: { passed: false, wrongAnswers: 0, reasons } })
    expect(text).toContain(reasons[0])
    if (name === 'json') return
    expect(text).toContain(`Invalid: ${phase} must not be quoted; no wrong answers`)
    expect(text.replace(/<script[\s\S]*?<\/script>/g, '')).not.toMatch(/Failed: \d+ wrong/)
  })

  test('a phase that other programs disturbed is named, a quiet one is not', () => {
    if (name === 'json') return
    const quiet = exampleReport()
    const disturbed = {
      ...quiet,
      phases: quiet.phases.map((phase) =>
        phase.kind === 'load' ? { ...phase, machineCpuSeconds: 3.1 + 3.7 + 2 } : phase,
      ),
    }
    // The page carries the words of its other language in a script.
    expect(format(quiet).replace(/<script[\s\S]*?<\/script>/g, '')).not.toContain(
      'Disturbed by other programs',
    )
    expect(format(disturbed)).toMatch(/Disturbed by other programs.*load: 25\.00 % of the cores/s)
  })

  test('every operation shows its percentiles of latency and of service time', () => {
    if (name === 'json') return
    const text = format(exampleReport()).replaceAll('µ', 'u')
    for (const { operation, latency, serviceTime } of openLoopOf(exampleReport(), 0).operations) {
      expect(text).toContain(operation)
      for (const { p50Ns, p99Ns, p999Ns, maxNs } of [latency, serviceTime]) {
        for (const ns of [p50Ns, p99Ns, p999Ns, maxNs]) expect(text).toContain(formatNs(ns).replace('µ', 'u'))
      }
    }
  })
})

describe('console', () => {
  test('the columns of a table line up', () => {
    const lines = formats.console(exampleReport()).split('\n')
    const head = lines.findIndex((line) => line.startsWith('  Phase '))
    const [heading = '', rule = '', ...rows] = lines.slice(head, head + 5)
    expect(heading.length).toBe(rule.length)
    for (const row of rows) expect(row.length).toBe(rule.length)
  })

  test('everything of our own is ASCII', () => {
    expect(formats.console(exampleReport())).toMatch(/^[\n -~]*$/)
  })
})

describe('markdown and html', () => {
  test('every word of the legend is explained', () => {
    for (const text of [formats.markdown(exampleReport()), formats.html(exampleReport())]) {
      for (const { term, definition } of legend) {
        expect(text).toContain(term)
        expect(text).toContain(definition)
      }
    }
  })

  test('every fact of a run with faults is in the words of the legend', () => {
    const terms = legend.map(({ term }) => term as string)
    const words = [
      'due',
      'sent',
      'dropped',
      'worst second served',
      'recovered',
      'not observed',
      'error budget',
    ]
    const writes = ['read again', 'lost', 'not read'].map((what) => `acknowledged writes ${what}`)
    expect(terms).toEqual(expect.arrayContaining([...words, ...writes]))
  })

  test('the allowance of an error budget has the digits that it was written with', () => {
    const errorBudget = { allowedShare: 0.07 / 100, failed: 3, spentShare: 0.5 }
    const phases = [{ ...openLoopOf(exampleReport(), 0), errorBudget }]
    expect(formats.console({ ...exampleReport(), phases }).replace(/\s+/g, ' ')).toContain(
      '50.00 %: 3 failures, 0.07 % of what was due are allowed',
    )
  })

  test('the command to repeat the run is quoted for a shell', () => {
    expect(formats.markdown(exampleReport())).toContain(`--note 'two'\\''s'`)
  })
})

describe('markdown', () => {
  test('text of the target cannot break out of a table, a heading or a fence', () => {
    const report = withHostileText(exampleReport())
    const text = formats.markdown(report)
    expect(text).toContain('\\</script\\>\\<b\\>a\\|b\\`\\`\\`')
    expect(text).not.toMatch(/(?<!\\)<b>a\|b(?!`)/)
    for (const row of text.split('\n').filter((line) => line.startsWith('| Server'))) {
      expect(row.match(/(?<!\\)\|/g)).toHaveLength(3)
    }
  })
})

describe('html', () => {
  test('text of the target cannot break out of the page', () => {
    const report = withHostileText(exampleReport())
    const text = formats.html(report)
    const plain = formats.html(exampleReport())
    expect(text).not.toContain('<b>')
    expect(text.match(/<\/script/gi)).toHaveLength(plain.match(/<\/script/gi)?.length ?? 0)
    expect(embedded(text)).toEqual(report)
  })

  test('the page names no other address to load from', () => {
    const text = formats.html(exampleReport())
    expect(text).not.toMatch(/<(link|img|iframe|object|embed)\b/i)
    expect(text).not.toMatch(/<script[^>]*\ssrc=/i)
    expect(text).not.toMatch(/@import|url\(/i)
    expect(text).toContain("default-src 'none'")
  })

  test('the whole report lies in the page', () => {
    expect(embedded(formats.html(failedExampleReport()))).toEqual(failedExampleReport())
  })
})

function openLoopOf(report: Report, index: number): DrivenPhase {
  const phase = report.phases.filter(({ kind }) => kind === 'open-loop')[index]
  if (phase?.kind !== 'open-loop') throw new Error('the example has that phase')
  return phase
}

function withHostileText(report: Report): Report {
  return { ...report, target: { ...report.target, server: '</script><b>a|b```' } }
}

function embedded(html: string): unknown {
  return JSON.parse(/<script type="application\/json" id="report">(.*?)<\/script>/s.exec(html)?.[1] ?? '')
}
