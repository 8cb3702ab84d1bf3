import { HandleError } from '../errors.ts'
import { namingAuthorityPrefix, parseHandle, prefixRecordHandle } from '../identifier/handle.ts'
import { recordHandle } from '../identifier/record-encoding.ts'
import type { Node } from '../node.ts'
import { prefixHandleOf } from './administration.ts'
import { encodeHandles } from './codec/bodies.ts'
import type { Answer } from './codec/message.ts'
import { responseCode } from './codec/protocol.ts'
import { type Asked, identityOf } from './request-context.ts'

/** The handles of a prefix, at most as many as the configuration allows, in several messages where they are many. */
export async function listHandles(asked: Asked): Promise<readonly Answer[]> {
  const prefix = await permittedPrefix(asked)
  return inMessages(await handlesUnder(asked.node, `${prefix}/`))
}

/** The prefixes below one that are homed here. */
export async function listDerivedPrefixes(asked: Asked): Promise<readonly Answer[]> {
  const prefix = await permittedPrefix(asked)
  return inMessages(await handlesUnder(asked.node, `${prefixRecordHandle(prefix)}.`))
}

const scanPageEntries = 1000
const messageHandlesMax = 1000
// Far below the longest message: a handle may have 2048 bytes.
const messageHandleBytesMax = 131_072

/** The folded prefix of a request by someone who may list it. */
async function permittedPrefix(asked: Asked): Promise<string> {
  const { node } = asked
  const identity = identityOf(asked)
  const prefix = prefixHandleOf(asked).key.slice(namingAuthorityPrefix.length + 1)
  if (!node.prefixes.has(prefix)) {
    throw new HandleError('NOT_RESPONSIBLE', `prefix "${prefix}" is not homed at this node`)
  }
  await node.authority.demandOverPrefix(identity, 'listHandles', parseHandle(`${prefix}/*`))
  return prefix
}

async function handlesUnder(node: Node, keyPrefix: string): Promise<readonly string[]> {
  const handles: string[] = []
  let after: string | undefined
  do {
    const entriesMax = Math.min(scanPageEntries, node.config.listHandlesMax - handles.length)
    const page = await node.store.scan({ keyPrefix, entriesMax, ...(after === undefined ? {} : { after }) })
    for (const { value } of page.entries) handles.push(recordHandle(value))
    after = page.cursor
  } while (after !== undefined && handles.length < node.config.listHandlesMax)
  return handles
}

function inMessages(handles: readonly string[]): readonly Answer[] {
  const parts: string[][] = [[]]
  let bytes = 0
  for (const handle of handles) {
    const part = parts.at(-1) ?? []
    bytes += Buffer.byteLength(handle) + 4
    if (part.length < messageHandlesMax && bytes <= messageHandleBytesMax) {
      part.push(handle)
      continue
    }
    parts.push([handle])
    bytes = Buffer.byteLength(handle) + 4
  }
  return parts.map((part, position) => ({
    responseCode: responseCode.success,
    body: encodeHandles(part),
    continues: position < parts.length - 1,
  }))
}
