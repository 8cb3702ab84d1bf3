import { appendFile, readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { GateResult } from './gate-result.ts'

/** One line of a history: enough to draw the trend of a metric over commits. Lines of older versions hold less. */
const historyEntry = z.object({
  at: z.string(),
  /** Of the harness, in older lines, which say nothing else of the sides. */
  commit: z.string().optional(),
  machine: z.string(),
  workload: z.string().optional(),
  threshold: z.number().optional(),
  /** Commit, address or file of each side. */
  baselineSide: z.string().optional(),
  candidateSide: z.string().optional(),
  metric: z.string(),
  phase: z.string().optional(),
  baseline: z.number(),
  candidate: z.number(),
  ratio: z.number(),
  low: z.number(),
  high: z.number(),
  verdict: z.string(),
})
export type HistoryEntry = z.infer<typeof historyEntry>

/** A history file cannot be read: the message names file and line. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError'
}

/** Adds a valid result to a newline-delimited JSON file: one line a metric, never rewriting what is there. */
export async function appendHistory(file: string, result: GateResult): Promise<void> {
  if (result.verdict === 'invalid') return
  const { environment, workload, threshold, sides } = result
  const lines = result.results.map(({ metric, phase, baseline, candidate, interval, verdict }) => {
    const entry: HistoryEntry = {
      at: result.startedAt,
      machine: `${environment.cpuModel}, ${environment.logicalCores} cores`,
      ...(workload === undefined ? {} : { workload }),
      threshold,
      baselineSide: sides?.baseline ?? result.baseline,
      candidateSide: sides?.candidate ?? result.candidate,
      metric,
      ...(phase === undefined ? {} : { phase }),
      baseline,
      candidate,
      ratio: interval.ratio,
      low: interval.low,
      high: interval.high,
      verdict,
    }
    return `${JSON.stringify(entry)}\n`
  })
  await appendFile(file, lines.join(''))
}

/** All entries of a history in their order. @throws HistoryError */
export async function readHistory(file: string): Promise<HistoryEntry[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new HistoryError(`cannot read ${file}: ${(cause as Error).message}`, { cause })
  }
  return text.split('\n').flatMap((line, position) => {
    if (line.trim() === '') return []
    return [parseLine(line, `${file} line ${position + 1}`)]
  })
}

/**
 * The trend of each metric as text, by machine and workload: what was measured elsewhere or of another load is no part of it.
 * Ratios stand between the bounds of a small scale.
 */
export function historyTable(entries: readonly HistoryEntry[]): string {
  if (entries.length === 0) return 'no entries yet'
  const groups = Map.groupBy(entries, ({ machine, workload }) =>
    [machine, workload ?? 'a workload that is not told'].join('; '),
  )
  return [...groups].map(([name, group]) => [name, ...trendsOf(group)].join('\n')).join('\n\n')
}

function trendsOf(entries: readonly HistoryEntry[]): string[] {
  return [...Map.groupBy(entries, nameOf)].map(([name, own]) => {
    const sides = own.map(sidesOf)
    const width = Math.max(...sides.map(({ length }) => length))
    const rows = own.map(
      ({ at, candidate, ratio, low, high, verdict }, position) =>
        `  ${at}  ${(sides[position] ?? '').padEnd(width)}  ${candidate.toPrecision(4).padStart(9)}  ` +
        `${ratio.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]  ${bar(ratio)}  ${verdict}`,
    )
    return [`${name} (candidate, candidate/baseline)`, ...rows].join('\n')
  })
}

function sidesOf({ commit = '-', candidateSide, baselineSide }: HistoryEntry): string {
  const candidate = shortened(candidateSide ?? commit)
  return baselineSide === undefined ? candidate : `${candidate} against ${shortened(baselineSide)}`
}

/** A commit by its first digits; what else there is stays whole. */
function shortened(side: string): string {
  return side.replace(/^([0-9a-f]{12})[0-9a-f]{28}(?=$|\+)/, '$1')
}

const barHalf = 10
const barStep = 0.02

/** A mark left or right of the middle, one place for each two percent. */
function bar(ratio: number): string {
  const offset = Math.max(-barHalf, Math.min(barHalf, Math.round(Math.log(ratio) / barStep)))
  const places: string[] = Array.from({ length: 2 * barHalf + 1 }, (_, place) =>
    place === barHalf ? '|' : '.',
  )
  places[barHalf + offset] = 'o'
  return places.join('')
}

function nameOf({ metric, phase }: HistoryEntry): string {
  return phase === undefined ? metric : `${phase}: ${metric}`
}

function parseLine(line: string, where: string): HistoryEntry {
  try {
    return historyEntry.parse(JSON.parse(line))
  } catch (cause) {
    throw new HistoryError(`${where} is no entry of a history: ${line.slice(0, 80)}`, { cause })
  }
}
