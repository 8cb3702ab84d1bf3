import type { AskedName, ScaleResult, SizeResult } from './scale-result.ts'

/** CPU time of an operation against the number of identifiers, as SVG: flat lines are what scaling means. */
export function scaleChart({ sizes }: ScaleResult): string {
  const series = costs.map(({ name, colour, of }) => ({
    name,
    colour,
    points: sizes.flatMap((size) => {
      const microseconds = of(size)
      return microseconds === undefined ? [] : [{ identifiers: size.identifiers, microseconds }]
    }),
  }))
  const measured = series.flatMap(({ points }) => points.map(({ microseconds }) => microseconds))
  const decades = decadesAround(measured.filter((microseconds) => microseconds > 0))
  const range = logRange(sizes.map(({ identifiers }) => identifiers))
  const x = (identifiers: number): number =>
    plot.left + ((Math.log10(identifiers) - range.from) / (range.to - range.from)) * plot.width
  const y = (microseconds: number): number =>
    plot.top + plot.height * (1 - (Math.log10(microseconds) - decades.from) / (decades.to - decades.from))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 420" font-family="sans-serif" font-size="12">
<rect width="800" height="420" fill="#ffffff"/>
<text x="${plot.left}" y="20" font-size="14">CPU time of one operation in µs, against the number of identifiers; both logarithmic</text>
${gridValues(decades)
  .map((microseconds) => gridLine(y(microseconds), microseconds))
  .join('\n')}
${sizes.map(({ identifiers }) => label(x(identifiers), plot.top + plot.height + 18, shortCount(identifiers), 'middle')).join('\n')}
${series.map((one, index) => line(one, { x, y, legendY: plot.top + 12 + index * 20 })).join('\n')}
</svg>
`
}

const plot = { left: 60, top: 40, width: 480, height: 330 } as const

type Cost = { readonly name: string; readonly colour: string; of(size: SizeResult): number | undefined }

// Colours that stay apart for the colour-blind (Okabe and Ito, 2008).
const costs: readonly Cost[] = [
  { name: 'load in key order', colour: '#000000', of: ({ load }) => load?.cpuMicrosecondsPerRecord },
  {
    name: 'register in random order',
    colour: '#d55e00',
    of: ({ registration }) => registration?.nodeCpuMicroseconds,
  },
  { name: 'resolve, zipfian 0.99', colour: '#0072b2', of: (size) => resolving(size, 'zipfian') },
  { name: 'resolve, uniform', colour: '#56b4e9', of: (size) => resolving(size, 'uniform') },
  { name: 'absent', colour: '#009e73', of: (size) => resolving(size, 'absent') },
]

/** With the middle one of the cache sizes that were measured. */
function resolving({ reads }: SizeResult, asked: AskedName): number | undefined {
  const found = reads
    .filter((read) => read.asked === asked && read.closed !== undefined)
    .sort((left, right) => left.cacheShare - right.cacheShare)
  return found[Math.floor(found.length / 2)]?.closed?.nodeCpuMicroseconds
}

type Drawn = {
  readonly name: string
  readonly colour: string
  readonly points: readonly { readonly identifiers: number; readonly microseconds: number }[]
}

function line(
  { name, colour, points }: Drawn,
  place: { x(identifiers: number): number; y(microseconds: number): number; readonly legendY: number },
): string {
  const at = points.map(({ identifiers, microseconds }) => ({
    x: place.x(identifiers),
    y: place.y(microseconds),
  }))
  const path = at.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(' ')
  const legendX = plot.left + plot.width + 20
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...at.map(
      (point) => `<circle cx="${point.x.toFixed(1)}" cy="${point.y.toFixed(1)}" r="3" fill="${colour}"/>`,
    ),
    `<rect x="${legendX}" y="${place.legendY - 9}" width="12" height="12" fill="${colour}"/>`,
    label(legendX + 18, place.legendY + 1, name, 'start'),
  ].join('\n')
}

function gridLine(y: number, microseconds: number): string {
  const right = plot.left + plot.width
  return `<line x1="${plot.left}" y1="${y.toFixed(1)}" x2="${right}" y2="${y.toFixed(1)}" stroke="#dddddd"/>
${label(plot.left - 8, y + 4, microseconds.toLocaleString('en'), 'end')}`
}

function label(x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${text}</text>`
}

/** Logarithms of the sizes, with a margin, so that a single size stands in the middle. */
function logRange(sizes: readonly number[]): { readonly from: number; readonly to: number } {
  const logs = sizes.length === 0 ? [6] : sizes.map(Math.log10)
  return { from: Math.min(...logs) - 0.2, to: Math.max(...logs) + 0.2 }
}

type Decades = { readonly from: number; readonly to: number }

/** Whole powers of ten below and above everything measured. */
function decadesAround(values: readonly number[]): Decades {
  if (values.length === 0) return { from: 0, to: 1 }
  const from = Math.floor(Math.log10(Math.min(...values)))
  return { from, to: Math.max(from + 1, Math.ceil(Math.log10(Math.max(...values)))) }
}

/** 1, 2 and 5 of each decade. */
function gridValues({ from, to }: Decades): readonly number[] {
  const values = Array.from({ length: to - from }, (_, decade) =>
    [1, 2, 5].map((factor) => factor * 10 ** (from + decade)),
  )
  return [...values.flat(), 10 ** to]
}

function shortCount(number: number): string {
  return number >= 1e6 ? `${number / 1e6} M` : number >= 1e3 ? `${number / 1e3} k` : String(number)
}
