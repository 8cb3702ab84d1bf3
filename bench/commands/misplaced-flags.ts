import { flagName } from '../../src/support/flag-name.ts'
import { UsageError } from '../cli/flags.ts'
import type { RunFlags } from './run-options.ts'

/** Flags that have no use beside another, or without it, and what was expected instead. */
type Rule = {
  readonly flags: readonly (keyof RunFlags)[]
  readonly expected: string
} & ({ readonly beside: keyof RunFlags } | { readonly without: keyof RunFlags })

const ownSchedule = 'a schedule: --rate or --trace-rate'

const rules: readonly Rule[] = [
  {
    flags: ['distribution', 'schedule', 'profile', 'duration', 'warmUp', 'preset'],
    beside: 'trace',
    expected: '--trace-rate or --trace-speed: a trace is replayed whole and in its own order',
  },
  {
    flags: ['rate', 'schedule', 'profile'],
    beside: 'clients',
    expected: '--think: clients ask again once they were answered, whatever the schedule',
  },
  { flags: ['clients'], beside: 'trace', expected: ownSchedule },
  { flags: ['clients'], beside: 'fault', expected: ownSchedule },
  { flags: ['traceSpeed'], beside: 'traceRate', expected: 'one of the two' },
  {
    flags: ['traceSpeed', 'traceRate', 'format', 'traceTypeParams'],
    without: 'trace',
    expected: 'the trace that is replayed',
  },
  { flags: ['think'], without: 'clients', expected: 'the clients that think' },
]

/**
 * Refuses what `erji-bench run` would ignore, rather than to measure something else than what was asked; `given` holds
 * the flags of the command line as they were written, without defaults. @throws UsageError naming every such flag.
 */
export function refuseMisplacedFlags(given: Readonly<Record<string, unknown>>): void {
  const problems = rules.flatMap((rule) => rule.flags.flatMap((flag) => problemOf(flag, rule, given)))
  if (problems.length > 0) throw new UsageError(problems)
}

function problemOf(
  flag: keyof RunFlags,
  rule: Rule,
  given: Readonly<Record<string, unknown>>,
): readonly string[] {
  if (given[flag] === undefined) return []
  // The preset says how large the records are, whatever is asked.
  if (flag === 'preset' && given.recordSizes === 'preset') return []
  const is = `--${flagName(flag)} is "${String(given[flag])}"`
  if ('without' in rule) {
    if (given[rule.without] !== undefined) return []
    return [`${is} without --${flagName(rule.without)}; expected ${rule.expected}`]
  }
  if (given[rule.beside] === undefined) return []
  return [
    `${is} beside --${flagName(rule.beside)} "${String(given[rule.beside])}"; expected ${rule.expected}`,
  ]
}
