import type { DenseTrace } from '../workload/traces/dense-trace.ts'

/** A trace of the requests for some of the objects, chosen by their hashes (spatial sampling). */
export type SampledTrace = { readonly trace: DenseTrace; readonly rate: number }

/** 32 well-spread bits of an object's number, another function for each salt. */
export function objectHash(object: number, salt: number): number {
  let mixed = Math.imul(object ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 16) ^ salt, 0x27d4eb2f)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

/** Keeps the requests for objects whose hash is below `rate` of all hashes. */
export function sampleTrace(
  trace: DenseTrace,
  options: { readonly rate: number; readonly salt: number },
): SampledTrace {
  const { rate, salt } = options
  const threshold = rate * 2 ** 32
  const numberOf = new Int32Array(trace.objects).fill(notSampled)
  let objects = 0
  for (let object = 0; object < trace.objects; object++)
    if (objectHash(object, salt) < threshold) numberOf[object] = objects++
  let requests = 0
  const objectOf = new Uint32Array(countSampled(trace, numberOf))
  for (let request = 0; request < trace.requests; request++) {
    const number = numberOf[trace.objectOf[request] as number] as number
    if (number !== notSampled) objectOf[requests++] = number
  }
  return { trace: { requests, objects, objectOf }, rate }
}

const notSampled = -1

function countSampled({ requests, objectOf }: DenseTrace, numberOf: Int32Array): number {
  let count = 0
  for (let request = 0; request < requests; request++)
    if (numberOf[objectOf[request] as number] !== notSampled) count++
  return count
}
