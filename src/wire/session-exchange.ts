import { BroadcastChannel } from 'node:worker_threads'
import type { Node } from '../node.ts'
import type { Answerer, Forward } from './answerer.ts'
import { readEnvelope } from './codec/message.ts'
import { envelopeBytes } from './codec/protocol.ts'

/** How threads pass on answers to challenges that another of them made: a client's next connection may be anyone's. */
export type SessionExchange = {
  readonly forward: Forward
  /** Begins to answer what others pass on. */
  serve(answerer: Answerer): void
  close(): void
}

type Passed =
  | {
      readonly kind: 'asked'
      readonly to: number
      readonly from: number
      readonly id: number
      readonly bytes: Uint8Array
    }
  | { readonly kind: 'answered'; readonly to: number; readonly id: number; readonly bytes: Uint8Array }

/** Opens the exchange of the threads that serve one port; a node of one thread needs none. */
export function openSessionExchange(node: Node, port: number): SessionExchange {
  const self = node.siblings.worker
  if (node.siblings.workers === 1) {
    return { forward: async () => undefined, serve: () => undefined, close: () => undefined }
  }
  const channel = new BroadcastChannel(`erji native sessions ${port}`)
  const waiting = new Map<number, (bytes: Buffer | undefined) => void>()
  let nextId = 0
  return {
    forward: (worker, bytes) => {
      if (waiting.size >= waitingMax) return Promise.resolve(undefined)
      const id = nextId++
      return new Promise((resolve) => {
        const late = setTimeout(() => settle(undefined), answerMsMax)
        const settle = (answer: Buffer | undefined): void => {
          clearTimeout(late)
          waiting.delete(id)
          resolve(answer)
        }
        waiting.set(id, settle)
        channel.postMessage({ kind: 'asked', to: worker, from: self, id, bytes } satisfies Passed)
      })
    },
    serve: (answerer) => {
      channel.onmessage = (event: unknown): void => {
        const passed = (event as { data: Passed }).data
        if (passed.to !== self) return
        if (passed.kind === 'answered') {
          waiting.get(passed.id)?.(Buffer.from(passed.bytes))
          return
        }
        const message = Buffer.from(passed.bytes)
        void Promise.resolve(answerer.answer(readEnvelope(message), message.subarray(envelopeBytes))).then(
          (bytes) =>
            channel.postMessage({ kind: 'answered', to: passed.from, id: passed.id, bytes } satisfies Passed),
        )
      }
    },
    close: () => channel.close(),
  }
}

const waitingMax = 1000
const answerMsMax = 5000
