/**
 * Loaded into a node before its program (`--import`), this makes every answer cost so many microseconds more CPU: a
 * known slowdown of the resolve path, by which the gate itself is measured.
 */
import { assert } from '../../src/support/assert.ts'

/** The environment variable with the microseconds. */
export const slowdownVariable = 'ERJI_BENCH_SLOWDOWN_US'

type Write = (this: unknown, ...parameters: unknown[]) => unknown
type Handle = Record<string, Write | undefined>

const microseconds = Number(process.env[slowdownVariable] ?? 0)
if (microseconds > 0) slowDown(tcpHandle())

/** All answers pass here, whichever way they were made; several answers in one write count once. */
function slowDown(handle: Handle): void {
  for (const name of ['writeBuffer', 'writev', 'writeLatin1String', 'writeUtf8String']) {
    const write = handle[name]
    assert(write !== undefined, `this runtime writes to sockets through ${name} of their handle`)
    handle[name] = function (...parameters) {
      const untilMs = performance.now() + microseconds / 1000
      while (performance.now() < untilMs);
      return write.apply(this, parameters)
    }
  }
}

/** What all TCP sockets of this thread inherit their system calls from. */
function tcpHandle(): Handle {
  const { binding } = process as unknown as { binding(name: string): { TCP: { prototype: Handle } } }
  return binding('tcp_wrap').TCP.prototype
}
