import { type FaultKind, faultKinds, type PlannedFault } from './parse-faults.ts'

/** What they do to the process of the node needs one that runs. */
const ofProcess: readonly FaultKind[] = ['kill', 'stop', 'worker-death']

/** Whether a fault is done to the process itself: such faults follow each other, others may go on at the same time. */
export function isOfProcess({ kind }: PlannedFault): boolean {
  return ofProcess.includes(kind)
}

/**
 * Why faults cannot be injected as planned while measuring lasts so long: one sentence each for those whose
 * consequences nobody would see, and for those that cannot happen while another one lasts.
 */
export function problemsOfFaults(
  faults: readonly PlannedFault[],
  { durationSeconds }: { readonly durationSeconds: number },
): string[] {
  const inOrder = faults.toSorted((left, right) => left.atSeconds - right.atSeconds)
  return [
    ...faults.flatMap((fault) => problemOfTime(fault, durationSeconds)),
    ...inOrder.flatMap((fault, index) => problemsOfOverlap(fault, inOrder.slice(0, index))),
  ]
}

/** What comes of a fault shows in the seconds after it. */
const seenSeconds = 1

function problemOfTime({ text, atSeconds, lastsSeconds }: PlannedFault, durationSeconds: number): string[] {
  if (atSeconds + lastsSeconds + seenSeconds <= durationSeconds) return []
  const expected = `expected it to be over at least ${seenSeconds}s before --duration, ${durationSeconds}s, is`
  return [`--fault is "${text}"; ${expected}: nobody would see what came of it`]
}

function problemsOfOverlap(fault: PlannedFault, earlier: readonly PlannedFault[]): string[] {
  return earlier
    .filter(({ atSeconds, lastsSeconds }) => fault.atSeconds < atSeconds + lastsSeconds)
    .filter((lasting) => excludes(lasting, fault))
    .map(({ text }) => `--fault is "${fault.text}" while "${text}" lasts; expected it before or after that`)
}

/** A stopped process obeys nothing, and there is one of each thing that can be full, slow or stopped. */
function excludes(lasting: PlannedFault, fault: PlannedFault): boolean {
  const stopped = lasting.kind === 'stop' && isOfProcess(fault)
  return stopped || (lasting.kind === fault.kind && faultKinds[fault.kind].takes === 'time')
}
