import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { BulkBatch } from '../../src/store/bulk-batch.ts'
import { assert } from '../../src/support/assert.ts'
import { endsBytes, type GeneratedBatch, type GeneratorPlan } from './plan.ts'

/** Enough that the next batches are there while one is written. */
const batchesAhead = 4

/**
 * All batches of a plan in key order, made by threads that take its pieces in turns: while one thread's piece is being
 * written, the other already looks for the ordinals of the next.
 */
export async function* generateBatches(
  plan: GeneratorPlan,
  { threads }: { readonly threads: number },
): AsyncGenerator<BulkBatch> {
  const generators = Array.from({ length: threads }, (_, thread) =>
    startGenerator({ ...plan, pieces: plan.pieces.filter((_piece, index) => index % threads === thread) }),
  )
  try {
    for (let piece = 0; piece < plan.pieces.length; piece++) {
      const generator = generators[piece % threads]
      assert(generator !== undefined, 'each piece has its generator')
      for (let more = true; more; ) {
        const { buffer, records, lastOfPiece } = await generator.next()
        const ends = new Uint32Array(buffer, 0, 2 * records)
        const bytes = new Uint8Array(buffer, endsBytes)
        yield { bytes, ends, records, prefixes: [{ prefix: plan.records.prefix, records }] }
        more = !lastOfPiece
      }
    }
  } finally {
    await Promise.all(generators.map((generator) => generator.stop()))
  }
}

function startGenerator(plan: GeneratorPlan) {
  // Compiled for publishing, both files end in .js.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const worker = new Worker(new URL(`./generator-thread${extension}`, import.meta.url), {
    workerData: plan,
  })
  const filled: GeneratedBatch[] = []
  let whenFilled: (() => void) | undefined
  let broken: unknown
  const wake = (): void => {
    whenFilled?.()
    whenFilled = undefined
  }
  worker.on('message', (batch: GeneratedBatch) => {
    filled.push(batch)
    wake()
  })
  worker.on('error', (error) => {
    broken = error
    wake()
  })
  const askForMore = (): void => worker.postMessage(undefined)
  for (let count = 0; count < batchesAhead; count++) askForMore()
  return {
    async next(): Promise<GeneratedBatch> {
      for (;;) {
        const batch = filled.shift()
        if (batch !== undefined) {
          askForMore()
          return batch
        }
        if (broken !== undefined) throw broken
        await new Promise<void>((resolve) => {
          whenFilled = resolve
        })
      }
    },
    async stop(): Promise<void> {
      const ended = once(worker, 'exit')
      await worker.terminate()
      await ended.catch(() => undefined)
    },
  }
}
