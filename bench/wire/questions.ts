import type { Clock } from '../../src/support/clock.ts'
import { openWireClient } from '../../src/wire/client/wire-client.ts'
import { encodeRequest } from '../../src/wire/codec/request.ts'
import { checkWireAnswer, wireRequestOf } from '../target/handle-wire-operation.ts'
import type { RecordGenerator } from '../workload/record-generator.ts'

/** One resolution as bytes, and the body that is its right answer. */
export type Question = { readonly request: Buffer; readonly answer: Buffer }

/**
 * Asks for every handle once and holds each answer against the record generator; from then on an answer is right when
 * it is the same bytes. @throws Error naming the first that is wrong.
 */
export async function learnQuestions(options: {
  readonly port: number
  readonly handles: number
  readonly generator: RecordGenerator
  readonly clock: Clock
}): Promise<readonly Question[]> {
  const { port, handles, generator, clock } = options
  const at = { transport: 'tcp', host: '127.0.0.1', port } as const
  const client = openWireClient({ ...at, connectionsMax: 4, inFlightMax: 64, timeoutMs: 30_000, clock })
  const learn = async (ordinal: number): Promise<Question> => {
    const requested = { operation: { kind: 'resolve', ordinal, revision: 0 } as const, generator }
    const { request } = wireRequestOf(requested, Math.floor(clock.nowMs() / 1000))
    const messages = await client.send(request)
    const { outcome, detail } = checkWireAnswer(requested, messages)
    if (outcome !== 'ok') throw new Error(`handle ${ordinal} is answered ${outcome}: ${detail}`)
    return { request: encodeRequest(request, { requestId: 0 }), answer: Buffer.from(messages[0].body) }
  }
  try {
    return await Promise.all(Array.from({ length: handles }, (_, ordinal) => learn(ordinal)))
  } finally {
    client.close()
  }
}

/** Bytes of an answer's body, on average. */
export function meanAnswerBytes(questions: readonly Question[]): number {
  const total = questions.reduce((sum, { answer }) => sum + answer.length, 0)
  return Math.round(total / questions.length)
}
