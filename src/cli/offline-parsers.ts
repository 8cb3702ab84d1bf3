import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { assert } from '../support/assert.ts'
import type { ParsedLines } from './offline-parse.ts'

/** Blocks that are with a thread or wait to be written. */
const blocksAheadPerThread = 3

/** What each block of whole lines became, in the order of the blocks, parsed by several threads. */
export async function* parseBlocks(
  blocks: AsyncIterable<Uint8Array>,
  { threads, startSeconds }: { readonly threads: number; readonly startSeconds: number },
): AsyncGenerator<ParsedLines> {
  const parsers = Array.from({ length: threads }, () => startParser(startSeconds))
  const underWay: Promise<ParsedLines>[] = []
  let next = 0
  try {
    for await (const block of blocks) {
      const parser = parsers[next++ % threads]
      assert(parser !== undefined, 'each block has its parser')
      underWay.push(parser.parse(block))
      const oldest = underWay.length < threads * blocksAheadPerThread ? undefined : underWay.shift()
      if (oldest !== undefined) yield await oldest
    }
    for (const parsed of underWay) yield await parsed
  } finally {
    await Promise.all(parsers.map((parser) => parser.stop()))
  }
}

function startParser(startSeconds: number) {
  // Compiled for publishing, both files end in .js.
  const url = new URL(`./offline-parser-thread${extname(import.meta.url)}`, import.meta.url)
  const worker = new Worker(url, { workerData: { startSeconds } })
  const waiting: PromiseWithResolvers<ParsedLines>[] = []
  worker.on('message', (parsed: ParsedLines) => waiting.shift()?.resolve(parsed))
  worker.on('error', (error) => {
    for (const one of waiting.splice(0)) one.reject(error)
  })
  return {
    parse(block: Uint8Array): Promise<ParsedLines> {
      const answer = Promise.withResolvers<ParsedLines>()
      // Awaited in the order of the blocks: until its turn comes a rejection must not count as unhandled.
      answer.promise.catch(() => undefined)
      waiting.push(answer)
      worker.postMessage(block)
      return answer.promise
    },
    async stop(): Promise<void> {
      const ended = once(worker, 'exit')
      await worker.terminate()
      await ended.catch(() => undefined)
    },
  }
}
