import { type Clock, systemClock } from '../../src/support/clock.ts'
import { type Credentials, targetNameOf, targets } from '../target/index.ts'
import type { Target } from '../target/target.ts'
import {
  createRecordGenerator,
  type RecordGenerator,
  type RecordGeneratorOptions,
} from '../workload/record-generator.ts'

/** What all phases of one command share. */
export type Session = {
  readonly target: Target
  readonly url: string
  readonly credentials: Credentials | undefined
  readonly generator: RecordGenerator
  readonly records: RecordGeneratorOptions
  readonly seed: number
  /** Numbers the phases that are driven, from 0, so that none asks again in the order of another. */
  nextPhase(): number
  /** Takes any certificate over https. */
  readonly insecure?: boolean | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Where progress is shown. */
  readonly stream: NodeJS.WriteStream
}

export type SessionOptions = Omit<Session, 'target' | 'generator' | 'clock' | 'nextPhase'>

/** Connections for loading, sampling and statistics; workers that measure open their own. */
const connections = 16
const timeoutSeconds = 30

/** Opens the target of a session. Whoever opens it closes `target`. @throws TargetError */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { url, credentials, records, insecure, stream } = options
  const clock = systemClock
  const generator = createRecordGenerator(records)
  const target = await targets[targetNameOf(url)]({
    url,
    connections,
    timeoutSeconds,
    generator,
    clock,
    insecure,
    tell: (sentence) => stream.write(`${sentence}\n`),
    ...(credentials === undefined ? {} : { credentials }),
  })
  let phases = 0
  return { ...options, target, generator, clock, nextPhase: () => phases++ }
}
