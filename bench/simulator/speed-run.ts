import type { PolicyName } from '../../src/cache/policies/index.ts'
import { systemClock } from '../../src/support/clock.ts'
import { loadDenseTrace } from '../workload/traces/load-dense-trace.ts'
import { simulate } from './simulate.ts'

/**
 * Simulates one policy from the file to the miss count, then again over the trace as it lies densified, which is what a sweep
 * does; prints what it counted and how long each took: `node speed-run.ts FILE POLICY CAPACITY`.
 */

const [file = '', policy, capacity] = process.argv.slice(2)
const startedNs = systemClock.nowNs()
const without = { sizes: true, times: true, ttls: true }
const { trace } = await loadDenseTrace(file, { format: 'oracleGeneral', without })
const loadedNs = systemClock.nowNs()
const options = { capacity: Number(capacity), unit: 'objects' } as const
const { misses } = simulate(policy as PolicyName, trace, options)
const endedNs = systemClock.nowNs()
simulate(policy as PolicyName, trace, options)
process.stdout.write(
  JSON.stringify({
    missRatio: misses / trace.requests,
    ns: endedNs - startedNs,
    loadNs: loadedNs - startedNs,
    densifiedNs: systemClock.nowNs() - endedNs,
  }),
)
