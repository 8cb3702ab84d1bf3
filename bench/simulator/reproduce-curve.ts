import { z } from 'zod'
import { traceFormatNames } from '../workload/traces/formats.ts'
import { TraceError } from '../workload/traces/trace-error.ts'
import { parsePolicies } from './choices.ts'
import { curveMethods, estimateCurve } from './estimate-curve.ts'
import { openTraceInMemory } from './open-simulated-trace.ts'
import { type Finding, ReproductionError } from './reproduction.ts'

/** What of a result of `erji-bench curve` it takes to make it again. */
export const curveReportSchema = z.object({
  curveSchemaVersion: z.literal(1),
  seed: z.number(),
  settings: z.object({
    method: z.enum(curveMethods),
    rate: z.number(),
    samples: z.number(),
    salts: z.number(),
    compare: z.boolean(),
  }),
  traces: z.array(
    z.object({
      facts: z.looseObject({
        file: z.string(),
        sha256: z.string(),
        format: z.enum([...traceFormatNames, 'generated']),
        parameters: z.record(z.string(), z.string()),
      }),
      curves: z.array(
        z.object({
          label: z.string(),
          parameters: z.record(z.string(), z.number()),
          capacities: z.array(z.number()),
          missRatios: z.array(z.number().nullish()),
        }),
      ),
    }),
  ),
})
type RecordedCurves = z.infer<typeof curveReportSchema>
type RecordedTrace = RecordedCurves['traces'][number]

/** Makes every curve again and says of each whether all its points came out the same. */
export async function reproduceCurves(report: RecordedCurves): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const recorded of report.traces) findings.push(...(await reproduceTrace(recorded, report)))
  return findings
}

async function reproduceTrace(
  { facts, curves }: RecordedTrace,
  { settings, seed }: RecordedCurves,
): Promise<Finding[]> {
  const { trace, facts: now } = await openRecorded(facts)
  const digest = { same: now.sha256 === facts.sha256, text: `${facts.file}: SHA-256 ${now.sha256}` }
  const points = curves.map(({ label, parameters, capacities, missRatios }) => {
    const choices = parsePolicies(label)
    const choice = typeof choices === 'string' ? undefined : choices[0]
    if (choice === undefined) throw new ReproductionError(`the policy ${label} is not here`)
    const again = estimateCurve(trace, capacities, { ...settings, seed, policy: { ...choice, parameters } })
    const differing = missRatios.filter((ratio, point) => (ratio ?? undefined) !== again.missRatios[point])
    const outcome =
      differing.length === 0
        ? `${missRatios.length} points`
        : `${differing.length} of ${missRatios.length} points differ`
    return { same: differing.length === 0, text: `${facts.file} ${label}, ${settings.method}: ${outcome}` }
  })
  return [digest, ...points]
}

async function openRecorded({ file, format, parameters }: RecordedTrace['facts']) {
  try {
    return await openTraceInMemory(file, {
      ignoreObjectSize: true,
      times: false,
      ttls: false,
      ...(format === 'generated' ? {} : { format, parameters }),
    })
  } catch (error) {
    if (error instanceof TraceError) throw new ReproductionError(`${file}: ${error.message}`)
    throw error
  }
}
