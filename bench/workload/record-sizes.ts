/**
 * How much a record carries besides what tells it apart: the bytes of one more value, a description, as data. Sizes of stored
 * objects are lognormal in the body and Pareto in the tail (Downey, "The structural cause of file size distributions", 2001;
 * Atikoglu et al., "Workload analysis of a large-scale key-value store", 2012, fits a generalised Pareto to value sizes).
 */
export type RecordSizes =
  | { readonly name: 'fixed'; readonly bytes: number }
  | { readonly name: 'uniform'; readonly bytesLeast: number; readonly bytesMost: number }
  | { readonly name: 'lognormal'; readonly bytesMedian: number; readonly sigma: number }
  | {
      readonly name: 'pareto'
      readonly bytesLeast: number
      readonly bytesMost: number
      readonly exponent: number
    }

/** No description is longer, whatever the distribution says. */
export const descriptionBytesMax = 65_536

/** The bytes of the description of a record, from 0 on, by two numbers from 0 to 1 drawn for it. */
export function bytesOf(sizes: RecordSizes, first: number, second: number): number {
  switch (sizes.name) {
    case 'fixed':
      return sizes.bytes
    case 'uniform':
      return sizes.bytesLeast + Math.floor(first * (sizes.bytesMost - sizes.bytesLeast + 1))
    case 'lognormal': {
      // Box and Muller's normal deviate.
      const normal = Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second)
      return Math.min(descriptionBytesMax, Math.round(sizes.bytesMedian * Math.exp(sizes.sigma * normal)))
    }
    case 'pareto': {
      const { bytesLeast, bytesMost, exponent } = sizes
      const below = 1 - (bytesLeast / bytesMost) ** exponent
      return Math.min(bytesMost, Math.floor(bytesLeast * (1 - first * below) ** (-1 / exponent)))
    }
  }
}

/** As it is written on the command line, such as `lognormal:300:0.8`. */
export function formatRecordSizes(sizes: RecordSizes): string {
  const { name, ...settings } = sizes
  return [name, ...Object.values(settings)].join(':')
}

/** The forms that can be read, for those who write another. */
export const recordSizesForms =
  'fixed:BYTES, uniform:LEAST:MOST, lognormal:MEDIAN:SIGMA or pareto:LEAST:MOST:EXPONENT'

/** Reads such a form; undefined where it is none or its numbers are out of bounds. */
export function parseRecordSizes(text: string): RecordSizes | undefined {
  const [name, ...parts] = text.split(':')
  const numbers = parts.map((part) => (/^\d*\.?\d+$/.test(part) ? Number(part) : Number.NaN))
  const [first = Number.NaN, second = Number.NaN, third = Number.NaN] = numbers
  const areBytes = (...given: readonly number[]): boolean =>
    given.every((bytes) => Number.isInteger(bytes) && bytes >= 0 && bytes <= descriptionBytesMax)
  switch (`${name} ${numbers.length}`) {
    case 'fixed 1':
      return areBytes(first) ? { name: 'fixed', bytes: first } : undefined
    case 'uniform 2':
      return areBytes(first, second) && first <= second
        ? { name: 'uniform', bytesLeast: first, bytesMost: second }
        : undefined
    case 'lognormal 2':
      return areBytes(first) && first > 0 && second > 0 && second <= sigmaMax
        ? { name: 'lognormal', bytesMedian: first, sigma: second }
        : undefined
    case 'pareto 3':
      return areBytes(first, second) && first > 0 && first < second && third > 0 && third <= exponentMax
        ? { name: 'pareto', bytesLeast: first, bytesMost: second, exponent: third }
        : undefined
    default:
      return undefined
  }
}

const sigmaMax = 4
const exponentMax = 10
