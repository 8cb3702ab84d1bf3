import { parseDurationMs } from '../../src/support/units.ts'

/** Every kind of fault, by the name used in flags and reports, what it does, and what its duration is: how long it lasts, or an amount. */
export const faultKinds = {
  kill: { meaning: 'kill -9 of the node, which is started again at once', takes: 'nothing' },
  stop: { meaning: 'the node is stopped for a time (SIGSTOP) and goes on (SIGCONT)', takes: 'time' },
  resets: {
    meaning: 'for a time, connections are opened and reset in the middle of a request',
    takes: 'time',
  },
  'slow-clients': {
    meaning: 'for a time, connections are held by requests that arrive a byte at a time',
    takes: 'time',
  },
  'full-disk': {
    meaning: 'for a time, the file system of the data directory, a small one of its own, is full',
    takes: 'time',
  },
  'slow-disk': { meaning: 'for a time, each read and commit of the store takes 50 ms longer', takes: 'time' },
  'worker-death': { meaning: 'one of the threads of the node dies of an uncaught error', takes: 'nothing' },
  'clock-forward': {
    meaning: 'the clock of the node jumps forward by the duration and stays there',
    takes: 'amount',
  },
  'clock-back': {
    meaning: 'the clock of the node jumps back by the duration and stays there',
    takes: 'amount',
  },
} as const
export type FaultKind = keyof typeof faultKinds

/** A fault to be injected so many seconds after measuring began. */
export type PlannedFault = {
  /** As it was written. */
  readonly text: string
  readonly kind: FaultKind
  readonly atSeconds: number
  /** How long it lasts; 0 for one that happens at once. */
  readonly lastsSeconds: number
  /** How far a clock jumps, whichever way; 0 for everything else. */
  readonly jumpSeconds: number
}

/** Why a text is no fault, naming the part and what was expected. */
export class FaultError extends Error {
  override readonly name = 'FaultError'
}

/** Reads `kill@10s` or `stop@5s:2s`. @throws FaultError */
export function parseFault(text: string): PlannedFault {
  const [, kind = '', at = '', duration] = /^([a-z-]+)@([^:]+)(?::(.+))?$/.exec(text) ?? []
  if (!isKind(kind)) {
    const known = Object.keys(faultKinds).join(', ')
    throw new FaultError(
      `"${text}" is no fault; expected KIND@TIME or KIND@TIME:DURATION with a kind of ${known}`,
    )
  }
  const { takes } = faultKinds[kind]
  if ((takes === 'nothing') !== (duration === undefined)) {
    const expected = takes === 'nothing' ? `no duration, as in ${kind}@5s` : `a duration, as in ${kind}@5s:2s`
    throw new FaultError(`"${text}": expected ${expected}`)
  }
  const seconds = duration === undefined ? 0 : secondsOf(text, duration)
  return {
    text,
    kind,
    atSeconds: secondsOf(text, at),
    lastsSeconds: takes === 'time' ? seconds : 0,
    jumpSeconds: takes === 'amount' ? seconds : 0,
  }
}

function isKind(name: string): name is FaultKind {
  return Object.hasOwn(faultKinds, name)
}

function secondsOf(text: string, part: string): number {
  const milliseconds = parseDurationMs(part)
  if (milliseconds === undefined) {
    throw new FaultError(`"${text}" has the time "${part}"; expected one such as 500ms, 10s or 2m`)
  }
  return milliseconds / 1000
}
