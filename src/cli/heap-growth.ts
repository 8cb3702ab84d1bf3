import { setFlagsFromString } from 'node:v8'

/**
 * Lets the garbage-collected heap of every thread grow to four times what lives before all of it is collected, which is V8's own most.
 * What lives there is small where records lie beside the heap: V8 would let it grow by some MiB only and mark it several times
 * a second while the cache misses, a twelfth of the node's work (`npm run bench:misses`, docs/decisions/015).
 */
export function letHeapGrow(): void {
  setFlagsFromString('--heap-growing-percent=300')
}
