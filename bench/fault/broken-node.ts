/**
 * Loaded into a node before its program (`--import`), so that the node itself needs no way to be broken: obeys the
 * orders that appear as files in a directory. In each of the node's threads there is one of these.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { ClassicLevel } from 'classic-level'
import { type OrderName, ordersVariable } from './fault-orders.ts'

const lookEveryMs = 20
const directory = process.env[ordersVariable]
if (directory !== undefined) obey(directory)

function obey(directory: string): void {
  const amounts = { slowDiskMs: 0, clockMs: 0 }
  slowDown(ClassicLevel.prototype as unknown as Accesses, () => amounts.slowDiskMs)
  const now = Date.now
  Date.now = () => now() + amounts.clockMs
  setInterval(() => {
    amounts.slowDiskMs = amountOf(directory, 'slow-disk') ?? 0
    amounts.clockMs = amountOf(directory, 'clock') ?? 0
    if (!isMainThread && takeDeath(directory)) throw new Error('a worker that was told to die')
  }, lookEveryMs).unref()
}

type Accesses = {
  get(...parameters: unknown[]): Promise<unknown>
  getSync(...parameters: unknown[]): unknown
  batch(...parameters: unknown[]): unknown
}

/** Each read and each commit waits so much longer; a synchronous read holds its thread up, as a slow disk does. */
function slowDown(database: Accesses, extraMs: () => number): void {
  const { get, getSync, batch } = database
  database.getSync = function (...parameters) {
    if (extraMs() > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, extraMs())
    return getSync.apply(this, parameters)
  }
  database.get = async function (...parameters) {
    await delay(extraMs())
    return get.apply(this, parameters)
  }
  database.batch = function (...parameters) {
    const chain = batch.apply(this, parameters)
    if (parameters.length > 0) return Promise.all([chain, delay(extraMs())]).then(([written]) => written)
    const slow = chain as { write(...options: unknown[]): Promise<unknown> }
    const write = slow.write
    slow.write = async (...options) => {
      await delay(extraMs())
      return write.apply(slow, options)
    }
    return slow
  }
}

function delay(milliseconds: number): Promise<void> | undefined {
  return milliseconds > 0 ? new Promise((resolve) => setTimeout(resolve, milliseconds)) : undefined
}

/** Whether this thread is the one that took the order: removing the file succeeds once. */
function takeDeath(directory: string): boolean {
  try {
    rmSync(join(directory, 'worker-death'))
    return true
  } catch (error) {
    if (isAbsence(error)) return false
    throw error
  }
}

function amountOf(directory: string, name: OrderName): number | undefined {
  try {
    return Number(readFileSync(join(directory, name), 'utf8'))
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
