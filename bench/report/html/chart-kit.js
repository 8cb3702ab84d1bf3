// What every page's charts have in common: it runs in a reader's browser after the chart library, before the page's own script.
const uPlot = window.uPlot
const plotHeight = 260

globalThis.chartKit = {
  axis,
  counts,
  draw,
  isRound,
  line,
  logarithmic,
  positive,
  redrawWhenNeeded,
  showCount,
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
  return redraw
}

function draw(place, options, data) {
  const cursor = { points: { size: 7 }, drag: { x: true, y: false } }
  return new uPlot({ ...options, ...sizeOf(place), cursor, legend: { live: true } }, data, place)
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
