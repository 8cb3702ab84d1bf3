import { systemClock } from '../../src/support/clock.ts'
import type { CommandContext } from '../cli/command-context.ts'
import { UsageError } from '../cli/flags.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { readableJson, writeResult } from '../report/result-files.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import { parsePolicies } from '../simulator/choices.ts'
import { type CurveReport, curveCsv, curveHtml, curveSentence } from '../simulator/curve-report.ts'
import { estimateCurve, spreadCapacities } from '../simulator/estimate-curve.ts'
import { openTraceInMemory } from '../simulator/open-simulated-trace.ts'
import { withReadingProgress } from '../simulator/reading-progress.ts'
import { statisticsText } from '../simulator/statistics-text.ts'
import { traceStatistics } from '../simulator/trace-statistics.ts'
import { openTraceNamed, readChoices } from './simulate.ts'
import type { CurveFlags, TraceInfoFlags } from './simulate-options.ts'

/** `erji-bench curve TRACE…`: miss ratios over all cache sizes in objects, exact or estimated. */
export async function runCurve(
  options: CurveFlags,
  context: CommandContext,
  files: readonly string[],
): Promise<ExitCode> {
  const { method, rate, samples, salts, compare } = options
  const policies = readChoices(parsePolicies, options.policies)
  if (options.method !== 'minisim' && policies.some(({ policy }) => policy !== 'lru'))
    throw new UsageError([
      `--policies is "${options.policies}"; expected lru alone, unless --method is minisim`,
    ])
  const traces: CurveReport['traces'][number][] = []
  for (const file of [...new Set(files)]) {
    const { trace, facts } = await openForStatistics(file, options, { sizes: false, stream: context.stream })
    const capacities = spreadCapacities(trace.objects, options)
    const curves = policies.map((policy) => estimateCurve(trace, capacities, { ...options, policy }))
    for (const curve of curves) process.stdout.write(`${file}: ${curveSentence(curve)}\n`)
    traces.push({ facts, curves })
  }
  const report: CurveReport = {
    curveSchemaVersion: 1,
    startedAt: new Date(systemClock.nowMs()).toISOString(),
    command: context.command,
    environment: collectEnvironment(),
    seed: options.seed,
    settings: { method, rate, samples, salts, compare },
    traces,
  }
  const paths = await writeResult({
    ...{ directory: options.out, startedAt: report.startedAt, name: 'curve' },
    files: [
      ['.json', () => readableJson(report)],
      ['.csv', () => curveCsv(report)],
      ['.html', () => curveHtml(report)],
    ],
  })
  process.stdout.write(`${paths.join('\n')}\n`)
  return exitCodes.passed
}

/** `erji-bench trace info TRACE…`: what each trace is made of. */
export async function runTraceInfo(
  options: TraceInfoFlags,
  context: CommandContext,
  files: readonly string[],
): Promise<ExitCode> {
  for (const file of [...new Set(files)]) {
    const { trace, facts } = await openForStatistics(file, options, { sizes: true, stream: context.stream })
    const statistics = traceStatistics(trace, options)
    const told = options.json
      ? JSON.stringify({ facts, statistics }, undefined, 2)
      : statisticsText(facts, statistics)
    process.stdout.write(`${told}\n`)
  }
  return exitCodes.passed
}

function openForStatistics(
  file: string,
  { format, traceTypeParams }: Pick<CurveFlags, 'format' | 'traceTypeParams'>,
  { sizes, stream }: { readonly sizes: boolean; readonly stream: NodeJS.WriteStream },
) {
  return openTraceNamed(file, () =>
    withReadingProgress(file, stream, (whenRead) =>
      openTraceInMemory(file, {
        ignoreObjectSize: !sizes,
        times: sizes,
        ttls: false,
        whenRead,
        ...(format === undefined ? {} : { format }),
        ...(traceTypeParams === undefined ? {} : { parameters: traceTypeParams }),
      }),
    ),
  )
}
