/** What a policy's capacity counts, and what that capacity is. */
export type PolicyCounts = {
  readonly unit: 'entries' | 'bytes'
  readonly capacity: number
  readonly leastWeight: number
  readonly unitsMax: number
}

/**
 * A policy that shares out its capacity (a small queue of a tenth, say) has to know the bound that is met, or all of the cache
 * is its small queue. Where there are so few entries that their bytes hardly matter, it counts entries, as a simulation in objects
 * does; elsewhere an entry weighs at least its share of the bytes, so that the bound of bytes is met no later than that of entries.
 */
export function policyCounts(bytesMax: number, entriesMax: number): PolicyCounts {
  const share = Math.floor(bytesMax / entriesMax)
  if (share >= entryBytesTypical)
    return { unit: 'entries', capacity: entriesMax, leastWeight: 0, unitsMax: bytesMax }
  if (share <= entryBytesMin) return { unit: 'bytes', capacity: bytesMax, leastWeight: 0, unitsMax: bytesMax }
  const unitsMax = share * entriesMax
  return { unit: 'bytes', capacity: unitsMax, leastWeight: share, unitsMax }
}

// Records of identifiers are smaller, with all that the cache keeps beside them.
const entryBytesTypical = 1024

/** No entry weighs less, so that no more slots are ever needed than these bytes go into the bound. */
export const entryBytesMin = 96
