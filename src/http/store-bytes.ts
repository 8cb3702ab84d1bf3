import { HandleError } from '../errors.ts'
import type { Store } from '../store/store.ts'

/** Bytes of the store on disk; undefined while it cannot tell or fails to, which spoils no other figure beside it. */
export async function storeBytes(store: Pick<Store, 'sizeOnDiskBytes'>): Promise<number | undefined> {
  try {
    return await store.sizeOnDiskBytes()
  } catch (error) {
    if (error instanceof HandleError) return undefined
    throw error
  }
}
