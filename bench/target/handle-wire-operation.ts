import { EncodingError } from '../../src/identifier/buffer-reader.ts'
import { prefixRecordHandle } from '../../src/identifier/handle.ts'
import { encodeValue } from '../../src/identifier/record-encoding.ts'
import { valuesFromJson } from '../../src/identifier/value-input.ts'
import { valuesToJson } from '../../src/identifier/value-json.ts'
import {
  encodeIndexesBody,
  encodeResolveBody,
  encodeValues,
  readErrorBody,
  readHandles,
  readValuesBody,
  sized,
} from '../../src/wire/codec/bodies.ts'
import type { Message } from '../../src/wire/codec/message.ts'
import { operations, opFlag, responseCode } from '../../src/wire/codec/protocol.ts'
import type { Request } from '../../src/wire/codec/request.ts'
import type { Operation, OperationResult } from '../workload/operation.ts'
import type { RecordGenerator } from '../workload/record-generator.ts'
import { refusalOf, verifyResolution } from '../workload/verify.ts'

type Requested = { readonly operation: Operation; readonly generator: RecordGenerator }

/** How long after it was sent nobody waits for an answer any more: longer than any time-out, and clocks differ. */
const requestLifeSeconds = 3600

/** An operation as the native protocol asks it, and whether it has to be proved who asks. */
export function wireRequestOf(
  { operation, generator }: Requested,
  nowSeconds: number,
): { readonly request: Request; readonly isAdministrative: boolean } {
  const { opCode, opFlags, body } = partsOf({ operation, generator }, nowSeconds)
  const isAdministrative = opCode !== operations.resolve
  return {
    request: { opCode, opFlags, body, expirationSeconds: nowSeconds + requestLifeSeconds },
    isAdministrative,
  }
}

function partsOf({ operation, generator }: Requested, nowSeconds: number): Parts {
  const { kind, ordinal, revision } = operation
  const all = { indexes: [], types: [] }
  switch (kind) {
    case 'resolve':
      return resolving({ handle: generator.handleOf(ordinal), ...all })
    case 'resolve-type':
      return resolving({
        handle: generator.handleOf(ordinal),
        indexes: [],
        types: [generator.askedTypeOf(ordinal)],
      })
    case 'resolve-index':
      return resolving({
        handle: generator.handleOf(ordinal),
        indexes: [generator.askedIndexOf(ordinal)],
        types: [],
      })
    case 'absent':
      return resolving({ handle: generator.absentHandleOf(ordinal), ...all })
    case 'register': {
      const { handle, valuesJson } = generator.recordOf(ordinal, revision)
      return writing(operations.createHandle, valuesBody(handle, valuesJson, nowSeconds))
    }
    case 'bulk':
      throw new Error('the native protocol knows no batches: they are performed singly')
    case 'value-add':
    case 'value-put': {
      const { valuesJson } = generator.changedValuesOf(ordinal, revision)
      const body = valuesBody(generator.handleOf(ordinal), valuesJson, nowSeconds)
      return writing(operations.addValue, body, kind === 'value-put' ? opFlag.overwrite : 0)
    }
    case 'value-delete': {
      const { indexes } = generator.changedValuesOf(ordinal, revision)
      return writing(operations.removeValue, encodeIndexesBody(generator.handleOf(ordinal), indexes))
    }
    case 'delete':
      return writing(operations.deleteHandle, sized(generator.handleOf(ordinal)))
    case 'list':
      return writing(operations.listHandles, sized(prefixRecordHandle(generator.prefix)))
  }
}

/** What came of an operation, by its answer and what the generator knows. */
export function checkWireAnswer(
  requested: Requested,
  messages: readonly [Message, ...Message[]],
): OperationResult {
  const [first] = messages
  const { operation, generator } = requested
  try {
    switch (operation.kind) {
      case 'resolve':
      case 'resolve-type':
      case 'resolve-index':
      case 'absent':
        return verifyResolution({ generator, operation, ...asHttp(requested, first) })
      case 'list':
        return verifyList(generator.prefix, messages)
      default:
        return verifyWrite(generator.handleOf(operation.ordinal), first)
    }
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error
    return {
      outcome: 'wrong',
      detail: `${operation.kind} was answered with what is no body: ${error.message}`,
    }
  }
}

type Parts = Pick<Request, 'opCode' | 'opFlags' | 'body'>

function resolving(question: Parameters<typeof encodeResolveBody>[0]): Parts {
  return { opCode: operations.resolve, opFlags: opFlag.publicOnly, body: encodeResolveBody(question) }
}

function writing(opCode: number, body: Uint8Array, opFlags = 0): Parts {
  return { opCode, opFlags: opFlag.authoritative | opFlags, body }
}

function valuesBody(handle: string, valuesJson: string, nowSeconds: number): Buffer {
  return encodeValues(handle, valuesFromJson(JSON.parse(valuesJson), nowSeconds).map(encodeValue))
}

/** The same answer as the HTTP API would put it, so that one judge has the word over both. */
function asHttp(
  requested: Requested,
  message: Message,
): { readonly status: number; readonly bodyText: string } {
  const { operation, generator } = requested
  switch (message.responseCode) {
    case responseCode.success: {
      const { handle, values } = readValuesBody(message.body)
      const bodyText = `{"responseCode":1,"handle":${JSON.stringify(handle)},"values":${valuesToJson(values)}}`
      return { status: 200, bodyText }
    }
    case responseCode.valuesNotFound: {
      // An error carries no handle: that it answers this question is in its request id.
      const handle = JSON.stringify(generator.handleOf(operation.ordinal))
      return { status: 200, bodyText: `{"responseCode":200,"handle":${handle},"values":[]}` }
    }
    case handleNotFound: {
      const asked =
        operation.kind === 'absent'
          ? generator.absentHandleOf(operation.ordinal)
          : generator.handleOf(operation.ordinal)
      return { status: 404, bodyText: `{"responseCode":100,"handle":${JSON.stringify(asked)}}` }
    }
    default:
      return { status: statusOf(message.responseCode), bodyText: describe(message) }
  }
}

/** A write succeeded when it says so, of the handle that was meant where it names one. */
function verifyWrite(handle: string, message: Message): OperationResult {
  if (message.responseCode === responseCode.success) {
    const named = readErrorBody(message.body)
    if (named === '' || named === handle) return { outcome: 'ok' }
    return { outcome: 'wrong', detail: `${handle} was answered for ${named}` }
  }
  if (message.responseCode === handleNotFound) {
    return { outcome: 'wrong', detail: `${handle} is not found, though it is registered` }
  }
  return refused(message)
}

function verifyList(prefix: string, messages: readonly Message[]): OperationResult {
  const unexpected = messages.find((message) => message.responseCode !== responseCode.success)
  if (unexpected !== undefined) return refused(unexpected)
  const start = `${prefix}/`.toUpperCase()
  for (const { body } of messages) {
    const foreign = readHandles(body).find((handle) => !handle.toUpperCase().startsWith(start))
    if (foreign !== undefined) return { outcome: 'wrong', detail: `a list of ${prefix} holds ${foreign}` }
  }
  return { outcome: 'ok' }
}

function refused(message: Message): OperationResult {
  const status = statusOf(message.responseCode)
  const text = describe(message)
  return refusalOf(status, text) ?? { outcome: 'error', detail: text }
}

const handleNotFound = 100
const tooBusy = 3

/** The status that the HTTP API gives a response code that is no answer to the question. */
function statusOf(code: number): number {
  if (code === tooBusy) return 503
  return code < 100 ? 500 : 400
}

function describe(message: Message): string {
  return `response code ${message.responseCode}: ${readErrorBody(message.body)}`
}
