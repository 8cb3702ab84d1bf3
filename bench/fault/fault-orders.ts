import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The environment variable that names the directory in which a node that may be broken looks for orders. */
export const ordersVariable = 'ERJI_BENCH_FAULT_ORDERS'

/** Each order is a file of this name; what is in it is its amount in milliseconds. */
export type OrderName = 'slow-disk' | 'clock' | 'worker-death'

/** Orders to a node that was started with `broken-node.ts` loaded before its program. */
export class FaultOrders {
  readonly directory: string

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true })
    this.directory = directory
  }

  give(name: OrderName, amountMs: number): void {
    writeFileSync(join(this.directory, name), String(amountMs))
  }

  /** Until somebody has taken it, or it was taken back. */
  isGiven(name: OrderName): boolean {
    return existsSync(join(this.directory, name))
  }

  takeBack(name: OrderName): void {
    rmSync(join(this.directory, name), { force: true })
  }
}
