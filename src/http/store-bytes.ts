import { HandleError } from '../errors.ts'
import type { Node } from '../node.ts'

/** Bytes of the store on disk; undefined while it cannot tell or fails to, which spoils no other figure beside it. */
export async function storeBytes(store: Pick<Node['store'], 'sizeOnDiskBytes'>): Promise<number | undefined> {
  try {
    return await store.sizeOnDiskBytes()
  } catch (error) {
    if (error instanceof HandleError) return undefined
    throw error
  }
}
