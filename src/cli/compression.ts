import { createReadStream, createWriteStream } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib'

/** Reads a file, or standard input for `-`, decompressing by suffix: `.gz` or `.zst`. */
export function openInput(path: string): { stream: Readable; raw: Readable } {
  const raw = path === '-' ? process.stdin : createReadStream(path)
  const decoder = path.endsWith('.gz')
    ? createGunzip()
    : path.endsWith('.zst')
      ? createZstdDecompress()
      : undefined
  if (decoder === undefined) return { stream: raw, raw }
  raw.on('error', (error: Error) => decoder.destroy(error))
  return { stream: raw.pipe(decoder), raw }
}

/** The stages through which text reaches a file, or standard output for `-`, compressing by suffix. */
export function outputStages(path: string): (NodeJS.ReadWriteStream | Writable)[] {
  const sink = path === '-' ? process.stdout : createWriteStream(path)
  if (path.endsWith('.gz')) return [createGzip(), sink]
  if (path.endsWith('.zst')) return [createZstdCompress(), sink]
  return [sink]
}
