import { type BulkTableOptions, bulkTableDefaults } from '../../src/store/bulk-database.ts'

/** One setting of the engine to try: how tables are written, and what the engine may hold while it reads. */
export type TuneVariant = BulkTableOptions & {
  readonly name: string
  readonly blockCacheBytes: number
  readonly openFilesMax: number
}

const kibibyte = 2 ** 10
const mebibyte = 2 ** 20

const baseline: TuneVariant = {
  ...bulkTableDefaults,
  name: 'baseline',
  blockCacheBytes: 64 * mebibyte,
  openFilesMax: 1000,
}

/** The baseline, and each setting changed alone; tables small enough to be many stand for a store that is large. */
export const tuneVariants: readonly TuneVariant[] = [
  baseline,
  ...[2, 8, 16, 32].map((size) => change(`block ${size} KiB`, { blockBytes: size * kibibyte })),
  change('no compression', { compression: false }),
  ...[8, 32].map((interval) => change(`restart every ${interval}`, { restartInterval: interval })),
  ...[4, 16, 128, 256].map((size) =>
    change(`write buffer ${size} MiB`, { writeBufferBytes: size * mebibyte }),
  ),
  ...[2, 64].map((size) => change(`table ${size} MiB`, { tableFileBytes: size * mebibyte })),
  ...[1, 8, 512].map((size) => change(`block cache ${size} MiB`, { blockCacheBytes: size * mebibyte })),
  change('8 KiB blocks, cache 512 MiB', { blockBytes: 8 * kibibyte, blockCacheBytes: 512 * mebibyte }),
  change('tables of 1 MiB, all open', { writeBufferBytes: 4 * mebibyte, openFilesMax: 5000 }),
  change('tables of 1 MiB, a third open', { writeBufferBytes: 4 * mebibyte, openFilesMax: 100 }),
]

function change(name: string, settings: Partial<TuneVariant>): TuneVariant {
  return { ...baseline, name, ...settings }
}
