import type { MixedResult } from './mixed-markdown.ts'

const plot = { left: 60, top: 40, width: 900, height: 300 } as const

// Colours that stay apart for the colour-blind (Okabe and Ito, 2008).
const lines = [
  { name: 'resolve, longest', colour: '#56b4e9', of: ({ resolve }: Second) => resolve.maxMs },
  { name: 'register, longest', colour: '#e69f00', of: ({ register }: Second) => register.maxMs },
  { name: 'resolve, p99', colour: '#0072b2', of: ({ resolve }: Second) => resolve.p99Ms },
  { name: 'register, p99', colour: '#d55e00', of: ({ register }: Second) => register.p99Ms },
] as const
const works = { flush: '#cccccc', compaction: '#eeeeee' } as const

type Second = MixedResult['seconds'][number]

/** Waiting by second, logarithmic, over the engine's background work, as SVG. */
export function mixedChart({ seconds, works: done, config }: MixedResult): string {
  const span = Math.max(1, seconds.length)
  const x = (atSeconds: number): number =>
    plot.left + (Math.max(0, Math.min(span, atSeconds)) / span) * plot.width
  const y = (ms: number): number => plot.top + plot.height * (1 - (Math.log10(Math.max(0.1, ms)) + 1) / 4)
  const bands = done.map(
    ({ kind, fromSeconds, untilSeconds }) =>
      `<rect x="${x(fromSeconds).toFixed(1)}" y="${plot.top}" width="${Math.max(1, x(untilSeconds) - x(fromSeconds)).toFixed(1)}" height="${plot.height}" fill="${works[kind]}"/>`,
  )
  const grid = [0.1, 1, 10, 100, 1000].map(
    (ms) =>
      `<line x1="${plot.left}" y1="${y(ms)}" x2="${plot.left + plot.width}" y2="${y(ms)}" stroke="${ms === config.stallMs ? '#cc0000' : '#dddddd'}"/>${text(plot.left - 8, y(ms) + 4, `${ms} ms`, 'end')}`,
  )
  const drawn = lines.map(({ colour, of }) => {
    const points = seconds.map(
      (second) => `${x(second.atSeconds + 0.5).toFixed(1)},${y(of(second)).toFixed(1)}`,
    )
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`
  })
  const legend = [...lines, ...Object.entries(works).map(([name, colour]) => ({ name, colour }))].map(
    ({ name, colour }, index) =>
      `<rect x="${plot.left + index * 150}" y="372" width="12" height="12" fill="${colour}"/>${text(plot.left + index * 150 + 18, 382, name, 'start')}`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 400" font-family="sans-serif" font-size="12">
<rect width="1000" height="400" fill="#ffffff"/>
<text x="${plot.left}" y="20" font-size="14">Waiting by second from when a request was due, logarithmic; ${span} s</text>
${[...bands, ...grid, ...drawn, ...legend].join('\n')}
</svg>
`
}

function text(x: number, y: number, content: string, anchor: 'start' | 'end'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`
}
