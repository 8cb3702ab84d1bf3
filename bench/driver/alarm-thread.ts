/**
 * The thread behind the pacer: sleeps in the kernel until an alarm is due, then wakes the thread that asked. The kernel
 * wakes a sleeper within a tenth of a millisecond where an event loop's timer takes more than a whole one.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { alarmCells, alarmTimeIn, monotonicMs } from './alarm-memory.ts'

parentPort?.postMessage('ready')
ringAlarms(workerData as SharedArrayBuffer)

function ringAlarms(memory: SharedArrayBuffer): void {
  const cells = new Int32Array(memory)
  const alarmAtMs = alarmTimeIn(memory)
  for (let rung = 0; ; ) {
    Atomics.wait(cells, alarmCells.asked, rung)
    const asked = Atomics.load(cells, alarmCells.asked)
    const leftMs = (alarmAtMs[0] ?? 0) - monotonicMs()
    if (leftMs > 0) Atomics.wait(cells, alarmCells.cancelled, 0, leftMs)
    rung = asked
    Atomics.store(cells, alarmCells.rung, rung)
    Atomics.notify(cells, alarmCells.rung)
    if (Atomics.load(cells, alarmCells.cancelled) !== 0) return
  }
}
