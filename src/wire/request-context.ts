import type { Identity } from '../authenticator.ts'
import { HandleError } from '../errors.ts'
import type { SiteData } from '../identifier/site-data.ts'
import type { Node } from '../node.ts'
import type { Answer, Message } from './codec/message.ts'
import { responseCode } from './codec/protocol.ts'

/** One request on its way to an answer. */
export type Asked = {
  readonly node: Node
  readonly request: Message
  /** Who proved to have sent it, by answering a challenge; undefined for everybody else. */
  readonly identity: Identity | undefined
  /** Where this node is, as it tells clients. */
  readonly site: SiteData
}

/** @throws HandleError AUTHENTICATION_NEEDED, which the client is told as a challenge. */
export function identityOf({ identity }: Asked): Identity {
  if (identity !== undefined) return identity
  throw new HandleError('AUTHENTICATION_NEEDED', 'this request needs authentication')
}

/** The answer of an operation that has nothing to tell but that it is done. */
export const done: Answer = { responseCode: responseCode.success, body: Buffer.alloc(0) }
