/**
 * Loaded into a node before its program (`--import`), this makes every answer cost so many microseconds more CPU: a
 * known slowdown of the resolve path, by which the gate itself is measured.
 */
import { Socket } from 'node:net'
import { assert } from '../../src/support/assert.ts'

/** The environment variable with the microseconds. */
export const slowdownVariable = 'ERJI_BENCH_SLOWDOWN_US'

type Writing = { _writeGeneric?: (this: Socket, ...parameters: unknown[]) => unknown }

const microseconds = Number(process.env[slowdownVariable] ?? 0)
if (microseconds > 0) slowDown(Socket.prototype as unknown as Writing)

/** All answers pass here, whichever way they were made; several answers in one write count once. */
function slowDown(socket: Writing): void {
  const write = socket._writeGeneric
  assert(write !== undefined, 'this runtime writes to sockets through _writeGeneric')
  socket._writeGeneric = function (...parameters) {
    const untilMs = performance.now() + microseconds / 1000
    while (performance.now() < untilMs);
    return write.apply(this, parameters)
  }
}
