import { epc, gs1 } from './gs1.ts'
import { did, ecode, oid } from './other-schemes.ts'
import type { Recognised, Scheme } from './scheme.ts'

/** Every scheme that is recognised by structure; the first that fits is taken. */
export const schemes = { epc, gs1, ecode, did, oid } as const satisfies Record<string, Scheme>

/** What a text is, by its structure alone; undefined for none of the schemes known here. */
export function recognise(text: string): Recognised | undefined {
  for (const scheme of Object.values(schemes)) {
    const found = scheme.recognise(text)
    if (found !== undefined) return found
  }
  return undefined
}
