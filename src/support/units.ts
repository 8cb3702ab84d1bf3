/** `512MiB`, `2GiB`, `1000` as bytes; undefined when the text is no size. */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) *(B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)?$/.exec(text.trim()) ?? []
  return digits === undefined ? undefined : Math.round(Number(digits) * (byteUnits[unit] ?? 1))
}

/** `250ms`, `30s`, `2m`, `1h` as milliseconds; undefined when the text is no duration. A bare number is seconds. */
export function parseDurationMs(text: string): number | undefined {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?) *(ms|s|m|h)?$/.exec(text.trim()) ?? []
  return digits === undefined ? undefined : Math.round(Number(digits) * (durationUnitsMs[unit] ?? 1000))
}

/** Bytes as `parseBytes` takes them, in the largest unit that needs no fraction. */
export function bytesText(bytes: number): string {
  return inLargestUnit(bytes, ['TiB', 'GiB', 'MiB', 'KiB'], byteUnits) ?? String(bytes)
}

/** Milliseconds as `parseDurationMs` takes them, in the largest unit that needs no fraction. */
export function durationText(milliseconds: number): string {
  return inLargestUnit(milliseconds, ['h', 'm', 's'], durationUnitsMs) ?? `${milliseconds}ms`
}

function inLargestUnit(
  value: number,
  units: readonly string[],
  sizes: Readonly<Record<string, number>>,
): string | undefined {
  const unit = units.find((name) => value > 0 && value % (sizes[name] ?? 1) === 0)
  return unit === undefined ? undefined : `${value / (sizes[unit] ?? 1)}${unit}`
}

const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

const durationUnitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
