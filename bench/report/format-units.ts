/** Numbers as people read them: three significant digits, a unit after a space. The same in every format. */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `1,234,567` */
export function formatCount(count: number): string {
  return grouped.format(count)
}

/** `850 ns`, `12.3 µs`, `4.56 ms`, `1.23 s`, `12 min 5 s` */
export function formatNs(ns: number): string {
  if (ns < 1000) return `${Math.round(ns)} ns`
  if (roundsBelow(ns / 1e3, 1000)) return `${threeDigits(ns / 1e3)} µs`
  if (roundsBelow(ns / 1e6, 1000)) return `${threeDigits(ns / 1e6)} ms`
  return formatSeconds(ns / 1e9)
}

/** `0.5 s`, `12.3 s`, `3 min 5 s`, `2 h 10 min` */
export function formatSeconds(seconds: number): string {
  if (roundsBelow(seconds, 120)) return `${threeDigits(seconds)} s`
  const whole = Math.round(seconds)
  const minutes = Math.floor(whole / 60)
  return minutes < 120
    ? `${minutes} min ${whole % 60} s`
    : `${formatCount(Math.floor(minutes / 60))} h ${minutes % 60} min`
}

/** `12,345/s`, and with a fraction below 100: `1.5/s` */
export function formatPerSecond(perSecond: number): string {
  return `${perSecond < 100 ? threeDigits(perSecond) : formatCount(perSecond)}/s`
}

/** `65 B`, `12.5 KiB`, `3.91 GiB` */
export function formatBytes(bytes: number): string {
  let amount = bytes
  let unitIndex = 0
  while (!roundsBelow(amount, 1024) && unitIndex < byteUnits.length - 1) {
    amount /= 1024
    unitIndex++
  }
  return `${threeDigits(amount)} ${byteUnits[unitIndex]}`
}

/** `93.12 %` */
export function formatRatio(ratio: number): string {
  return `${(ratio * 100).toFixed(2)} %`
}

/** `0.07 %`, `50 %`: a share as somebody wrote it, without digits that only a binary fraction has. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toPrecision(12))} %`
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

function threeDigits(amount: number): string {
  return amount >= 100 ? formatCount(amount) : String(Number(amount.toPrecision(3)))
}

// 999.7 µs would otherwise read as 1,000 µs.
function roundsBelow(amount: number, bound: number): boolean {
  return Math.round(amount) < bound
}
