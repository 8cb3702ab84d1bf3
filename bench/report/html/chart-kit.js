// What every page's charts have in common: it runs in a reader's browser after the chart library, before the page's own script.
const uPlot = window.uPlot
const plotHeight = 260

const translate = (text) => globalThis.pageLanguage?.translate(text) ?? text

// How a number is shown, by the unit that its chart names.
const units = {
  perSecond: (value) => `${showCount(value)}/s`,
  cores: (value) => `${Number(value.toPrecision(3))}`,
  bytes: showBytes,
  ns: (value) => showNs(value),
  share: (value) => `${Number((value * 100).toPrecision(4))} %`,
  second: (value) => `${showCount(value)} s`,
  percentile: showPercentile,
}

globalThis.chartKit = {
  axis,
  counts,
  draw,
  durations,
  isRound,
  line,
  logarithmic,
  marksBehind,
  percentileAtDecade,
  positive,
  redrawWhenNeeded,
  seconds,
  showCount,
  showNs,
  showPercentile,
  translate,
  units,
  xSeries,
}

// Draws at once, and again when the width or the colour scheme changes; returns what draws again.
function redrawWhenNeeded(view, drawIt) {
  const redraw = () => {
    view.plot?.destroy()
    view.plot = drawIt(view)
  }
  redraw()
  new ResizeObserver(() => view.plot.setSize(sizeOf(view.place))).observe(view.place)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
  document.addEventListener('language', redraw)
  readByKeys(view)
  return redraw
}

function draw(place, options, data) {
  const [x] = data
  // A lone point has no line: it is shown as a point, in the middle where the scale allows it.
  if (x.length === 1) {
    if (options.scales.x.distr !== 3) options.scales.x = { ...options.scales.x, range: [x[0] - 1, x[0] + 1] }
    for (const series of options.series.slice(1)) series.points = { show: true, size: 7 }
  }
  const cursor = { points: { size: 7 }, drag: { x: true, y: false } }
  return new uPlot({ ...options, ...sizeOf(place), cursor, legend: { live: true } }, data, place)
}

// A chart that has the focus is read with the arrow keys: they move the cursor from point to point.
function readByKeys(view) {
  view.place.tabIndex = 0
  view.place.addEventListener('keydown', (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1, PageUp: -10, PageDown: 10 }
    const step = steps[event.key]
    const { plot } = view
    const points = plot.data[0]
    if ((step === undefined && event.key !== 'Home' && event.key !== 'End') || points.length === 0) return
    event.preventDefault()
    const at = plot.cursor.idx ?? -1
    const wanted = { Home: 0, End: points.length - 1 }[event.key] ?? at + step
    const index = Math.max(0, Math.min(points.length - 1, wanted))
    plot.setCursor({ left: plot.valToPos(points[index], 'x'), top: plot.over.clientHeight / 2 })
  })
}

// Bands behind the lines, or upright lines where a mark has no width, each with its name at the top.
function marksBehind(marks) {
  const tones = { fault: '--series-failed', phase: '--muted', point: '--series-third' }
  const drawMarks = (plot) => {
    const { ctx, bbox } = plot
    const scale = globalThis.devicePixelRatio
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    ctx.font = `${11 * scale}px system-ui, sans-serif`
    ctx.textBaseline = 'top'
    for (const [index, { from, until, label, tone }] of marks.entries()) {
      const left = plot.valToPos(from, 'x', true)
      const width = Math.max(2 * scale, plot.valToPos(until, 'x', true) - left)
      ctx.fillStyle = colour(tones[tone])
      ctx.globalAlpha = tone === 'phase' ? 0.07 + 0.06 * (index % 2) : tone === 'fault' ? 0.22 : 0.9
      ctx.fillRect(left, bbox.top, width, bbox.height)
      ctx.globalAlpha = 1
      const words = translate(label)
      // Names of narrow bands would lie on each other.
      if (tone === 'phase' && ctx.measureText(words).width > width) continue
      const row = tone === 'fault' ? 1 : 0
      ctx.fillStyle = colour(tone === 'phase' ? '--muted' : tones[tone])
      const end = left + 4 * scale + ctx.measureText(words).width
      ctx.textAlign = end > bbox.left + bbox.width ? 'right' : 'left'
      ctx.fillText(
        words,
        ctx.textAlign === 'right' ? left - 3 * scale : left + 4 * scale,
        bbox.top + (3 + 14 * row) * scale,
      )
    }
    ctx.restore()
  }
  return { drawClear: [drawMarks] }
}

function sizeOf(place) {
  return { width: Math.max(200, Math.floor(place.clientWidth)), height: plotHeight }
}

// The colour is a CSS variable's name, or a colour itself.
function line(label, colourName, { value, dash }) {
  const show = (_plot, raw) => (raw === null || raw === undefined ? '–' : value(raw))
  return {
    label,
    stroke: colourName.startsWith('--') ? colour(colourName) : colourName,
    width: 2,
    dash,
    value: show,
    points: { show: false },
    spanGaps: false,
  }
}

function xSeries(label, value) {
  return { label, value: (_plot, raw) => (raw === null || raw === undefined ? '–' : value(raw)) }
}

function axis(options) {
  const rule = { stroke: colour('--grid'), width: 1 }
  return {
    stroke: colour('--muted'),
    grid: rule,
    ticks: rule,
    font: '12px system-ui, sans-serif',
    ...options,
  }
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

// Whole 1-2-5 steps around the data instead of whole decades, which would leave most of the plot empty.
function logarithmic(columns) {
  const values = columns.flat().filter((value) => value !== null && value > 0)
  const lowest = values.length === 0 ? 1e3 : Math.min(...values)
  const highest = values.length === 0 ? 1e6 : Math.max(...values)
  return { distr: 3, range: [stepBelow(lowest), Math.max(stepAbove(highest), stepBelow(lowest) * 10)] }
}

function stepBelow(value) {
  const decade = 10 ** Math.floor(Math.log10(value))
  return decade * [5, 2, 1].find((step) => decade * step <= value * 1.000001)
}

function stepAbove(value) {
  const decade = 10 ** Math.floor(Math.log10(value))
  return decade * [1, 2, 5, 10].find((step) => decade * step >= value)
}

// A logarithmic scale has no zero; one nanosecond is as good.
function positive(column) {
  return column.map((value) => (value === null ? null : Math.max(1, value)))
}

function counts(_plot, splits) {
  return splits.map(showCount)
}

// Only 1, 2 and 5 of each decade are labelled.
function isRound(value) {
  const leading = Math.round((value / 10 ** Math.floor(Math.log10(value) + 1e-9)) * 1000) / 1000
  return leading === 1 || leading === 2 || leading === 5
}

function showCount(value) {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 })
}

function seconds(_plot, splits) {
  return splits.map((value) => (Number.isInteger(value) ? `${value} s` : ''))
}

function durations(_plot, splits) {
  return splits.map((value) => (isRound(value) ? showNs(value) : ''))
}

function percentileAtDecade(rank) {
  const exponent = Math.log10(rank)
  return Math.abs(exponent - Math.round(exponent)) < 1e-9 ? showPercentile(rank) : ''
}

function showPercentile(rank) {
  const digits = Math.max(0, Math.ceil(Math.log10(rank)) - 2)
  return `${((1 - 1 / rank) * 100).toFixed(Math.min(digits, 8))} %`
}

function showNs(value) {
  const units = [
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'µs'],
  ]
  const [scale, unit] = units.find(([size]) => value >= size * 0.9995) ?? [1, 'ns']
  return `${Number((value / scale).toPrecision(3))} ${unit}`
}

function showBytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let amount = value
  let unit = 0
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024
    unit++
  }
  return `${Number(amount.toPrecision(3))} ${units[unit]}`
}
