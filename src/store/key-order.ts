/**
 * Orders keys by their UTF-8 bytes, as the store contract does. JavaScript's own order is by UTF-16 units, which
 * differs beyond the basic plane.
 */
export function compareKeys(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}
