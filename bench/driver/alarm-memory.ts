/** The 32-bit cells through which a pacer and its alarm thread talk. */
export const alarmCells = { asked: 0, rung: 1, cancelled: 2 } as const

const alarmTimeOffsetBytes = 16

/** Memory for one pacer and its thread. */
export function newAlarmMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(alarmTimeOffsetBytes + Float64Array.BYTES_PER_ELEMENT)
}

/** When the alarm is due, in milliseconds of `monotonicMs`. */
export function alarmTimeIn(memory: SharedArrayBuffer): Float64Array {
  return new Float64Array(memory, alarmTimeOffsetBytes, 1)
}

/** One clock for both threads: `performance.now` starts anew in each. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
