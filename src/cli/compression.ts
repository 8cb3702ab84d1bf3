import { createReadStream, createWriteStream, type ReadStream } from 'node:fs'
import { Readable, type Writable } from 'node:stream'
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { type Decompressor, decompressFrames } from '../support/decompress-frames.ts'

/** A file being read: its text, what it is made from, and how many bytes of it have been read. */
export type Input = { readonly stream: Readable; readonly raw: Readable; bytesRead(): number }

/** Reads a file, or standard input for `-`, decompressing by suffix: `.gz` or `.zst`. */
export function openInput(path: string): Input {
  const raw = path === '-' ? process.stdin : createReadStream(path)
  const bytesRead = (): number => (raw as ReadStream).bytesRead ?? 0
  const create = path.endsWith('.gz') ? createGunzip : path.endsWith('.zst') ? createZstd : undefined
  if (create === undefined) return { stream: raw, raw, bytesRead }
  return { stream: Readable.from(decompressFrames(raw, create), { objectMode: false }), raw, bytesRead }
}

// Parallel compressors write many frames, and Node's own stream ends with the first.
function createZstd(): Decompressor {
  return createZstdDecompress()
}

/**
 * The stages through which text reaches a file, or standard output for `-`, compressing by suffix. A file that is made is for its owner
 * alone: exported records hold their administrators' secrets.
 */
export function outputStages(path: string): (NodeJS.ReadWriteStream | Writable)[] {
  const sink = path === '-' ? process.stdout : createWriteStream(path, { mode: 0o600 })
  if (path.endsWith('.gz')) return [createGzip(), sink]
  if (path.endsWith('.zst')) return [createZstdCompress(), sink]
  return [sink]
}
