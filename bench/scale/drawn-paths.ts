import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { handlePath } from '../target/handle-path.ts'
import { createPermutation } from '../workload/distributions/permutation.ts'
import type { Operation } from '../workload/operation.ts'
import type { RecordGenerator } from '../workload/record-generator.ts'
import type { Workload } from '../workload/workload.ts'

/** The path that an operation of one of the sides asks for. */
export function askedPath({ kind, ordinal }: Operation, generator: RecordGenerator): string {
  return handlePath(kind === 'absent' ? generator.absentHandleOf(ordinal) : generator.handleOf(ordinal))
}

/**
 * Writes the paths of one burst and the wrk script that asks for them one after the other. They are read line by line:
 * a table of them all would grow beyond what LuaJIT may hold, and drawing from a few would be another popularity.
 */
export async function writeBurst(
  directory: string,
  paths: Iterable<string>,
): Promise<{ readonly script: string }> {
  const file = join(directory, 'paths')
  const script = join(directory, 'burst.lua')
  await writeFile(file, inPieces(paths))
  await writeFile(
    script,
    `local paths
init = function() paths = assert(io.open([[${file}]], "r")) end
request = function()
  local path = paths:read("*l")
  if path == nil then
    paths:seek("set")
    path = paths:read("*l")
  end
  return "GET " .. path .. " HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n"
end
`,
  )
  return { script }
}

const linesOfPiece = 10_000

/** Lines put together to pieces worth a write: all of a long burst are more than one string may hold. */
function* inPieces(lines: Iterable<string>): Generator<string> {
  let piece: string[] = []
  for (const line of lines) {
    piece.push(line)
    if (piece.length < linesOfPiece) continue
    yield `${piece.join('\n')}\n`
    piece = []
  }
  if (piece.length > 0) yield `${piece.join('\n')}\n`
}

/** The identifiers that a workload asks for most often, found by drawing from it. */
export function mostAsked(workload: Workload, { drawn, most }: { drawn: number; most: number }): number[] {
  const counts = new Map<number, number>()
  for (let count = 0; count < drawn; count++) {
    const operation = workload.next()
    if (operation === undefined) break
    counts.set(operation.ordinal, (counts.get(operation.ordinal) ?? 0) + 1)
  }
  const byCount = [...counts].sort(([, left], [, right]) => right - left)
  return byCount.slice(0, most).map(([ordinal]) => ordinal)
}

/** Asks for the same identifiers in turn: what a cache holds whatever else happens. */
export function takingTurns(ordinals: readonly number[]): Workload {
  let next = 0
  return {
    next: () => ({ kind: 'resolve', ordinal: ordinals[next++ % ordinals.length] ?? 0, revision: 0 }),
  }
}

/** Asks for each counterfeit once, in an order without locality, and begins anew only when all were asked for. */
export function neverAskedBefore({ identifiers, seed }: { identifiers: number; seed: number }): Workload {
  const permutation = createPermutation({ items: identifiers, seed })
  let next = 0
  return {
    next: () => ({ kind: 'absent', ordinal: permutation(next++ % identifiers), revision: 0 }),
  }
}
