import { z } from 'zod'
import { UsageError } from '../cli/flags.ts'
import type { Environment } from '../report/report.ts'
import { median } from './evaluate.ts'

/** One gate of which it is known what it should say. */
const qualityGate = z.object({
  /** `same`: of a node against itself; `slowed`: against one whose answers cost more. */
  kind: z.enum(['same', 'slowed']),
  at: z.string(),
  /** CPU of an answer under a closed loop, and what was added to it on the slowed node, in microseconds. */
  costUs: z.number(),
  addedUs: z.number(),
  verdict: z.enum(['passed', 'regressed', 'inconclusive']),
  pairs: z.number(),
  seconds: z.number(),
  metrics: z.array(
    z.object({
      metric: z.string(),
      verdict: z.string(),
      ratio: z.number(),
      low: z.number(),
      high: z.number(),
    }),
  ),
})
export type QualityGate = z.infer<typeof qualityGate>

/** The gates of a log, one a line. @throws UsageError naming the line that is none */
export function readQualityLog(text: string, file: string): QualityGate[] {
  return text.split('\n').flatMap((line, position) => {
    if (line.trim() === '') return []
    try {
      return [qualityGate.parse(JSON.parse(line))]
    } catch {
      throw new UsageError([
        `${file} line ${position + 1} is no gate of such a measurement: ${line.slice(0, 80)}`,
      ])
    }
  })
}

type Judged = {
  readonly gates: number
  readonly regressedShare: number
  readonly inconclusiveShare: number
  readonly passedShare: number
  readonly medianSeconds: number
  /** How often each metric was called regressed, and the middle half of its ratios. */
  readonly metrics: readonly {
    readonly metric: string
    readonly regressedShare: number
    readonly ratioQuartiles: readonly [number, number, number]
  }[]
}

/** What is known of the gate from gates of which the right answer is known. */
export type QualityResult = {
  readonly command: readonly string[]
  readonly environment: Environment
  readonly options: Readonly<Record<string, unknown>>
  readonly from: string
  readonly until: string
  readonly same: Judged
  readonly slowed: Judged
  readonly gates: readonly QualityGate[]
}

export function qualityResult(
  gates: readonly QualityGate[],
  facts: Pick<QualityResult, 'command' | 'environment' | 'options'>,
): QualityResult {
  const times = gates.map(({ at }) => at).sort()
  return {
    ...facts,
    from: times[0] ?? '',
    until: times.at(-1) ?? '',
    same: judged(gates.filter(({ kind }) => kind === 'same')),
    slowed: judged(gates.filter(({ kind }) => kind === 'slowed')),
    gates,
  }
}

function judged(gates: readonly QualityGate[]): Judged {
  const share = (verdict: QualityGate['verdict']): number =>
    gates.filter((gate) => gate.verdict === verdict).length / Math.max(1, gates.length)
  const names = [...new Set(gates.flatMap(({ metrics }) => metrics.map(({ metric }) => metric)))]
  return {
    gates: gates.length,
    regressedShare: share('regressed'),
    inconclusiveShare: share('inconclusive'),
    passedShare: share('passed'),
    medianSeconds: gates.length === 0 ? 0 : median(gates.map(({ seconds }) => seconds)),
    metrics: names.map((metric) => {
      const own = gates.flatMap(({ metrics }) => metrics.filter((one) => one.metric === metric))
      const ratios = own.map(({ ratio }) => ratio).sort((left, right) => left - right)
      const at = (part: number): number => ratios[Math.round(part * (ratios.length - 1))] ?? 0
      return {
        metric,
        regressedShare: own.filter(({ verdict }) => verdict === 'regressed').length / own.length,
        ratioQuartiles: [at(0.25), at(0.5), at(0.75)],
      }
    }),
  }
}

export function qualityMarkdown({ same, slowed, environment, from, until, gates }: QualityResult): string {
  const added = gates.length === 0 ? 0 : median(gates.map((gate) => gate.addedUs / gate.costUs))
  const line = (name: string, row: Judged): string =>
    `| ${name} | ${row.gates} | ${percent(row.regressedShare)} | ${percent(row.inconclusiveShare)} | ${percent(row.passedShare)} | ${row.medianSeconds.toFixed(0)} s |`
  const details = (name: string, row: Judged): string[] =>
    row.metrics.map(
      ({ metric, regressedShare, ratioQuartiles }) =>
        `| ${name} | \`${metric}\` | ${percent(regressedShare)} | ${ratioQuartiles.map((ratio) => ratio.toFixed(3)).join(' / ')} |`,
    )
  const slowedName = 'slowed'
  return [
    '# What the gate says where the right answer is known',
    '',
    '| candidate | gates | regressed | inconclusive | passed | median time of a gate |',
    '|--|--:|--:|--:|--:|--:|',
    line('the same node', same),
    line(slowedName, slowed),
    '',
    '| candidate | metric | called regressed | quartiles of candidate / baseline |',
    '|--|--|--:|--|',
    ...details('the same node', same),
    ...details(slowedName, slowed),
    '',
    `The slowdown is CPU time added to every write to a socket (\`bench/gate/slowdown.ts\`), ${percent(added)} of what an answer costs, of which pairs made for that saw the share that was asked for in the CPU time of an answer of a closed loop.`,
    `${environment.cpuModel}, ${environment.logicalCores} cores, ${environment.runtime}, from ${from} to ${until}.`,
    '',
  ].join('\n')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
