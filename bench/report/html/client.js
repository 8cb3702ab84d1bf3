// Draws the charts of the page from the points that lie in it, and again when the width or the colour scheme changes.
// It runs in a reader's browser, after the chart library and the data.
const uPlot = window.uPlot
const charts = JSON.parse(document.getElementById('charts').textContent)
const plotHeight = 260
const drawers = { throughput: drawThroughput, durations: drawDurations, percentiles: drawPercentiles }

for (const figure of document.querySelectorAll('figure[data-chart]')) {
  const phase = charts[Number(figure.dataset.phase)]
  const place = figure.querySelector('.plot')
  const view = { curve: phase.curves[0], phase, plot: undefined, place }
  const redraw = () => {
    view.plot?.destroy()
    view.plot = drawers[figure.dataset.chart](view)
  }
  if (figure.dataset.chart === 'percentiles' && phase.curves.length > 1) offerCurves(figure, view, redraw)
  redraw()
  new ResizeObserver(() => view.plot.setSize(sizeOf(place))).observe(place)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
}

function drawThroughput({ phase, place }) {
  const { atSeconds, offered, completed, failed } = phase.timeline
  const series = [
    line('offered', '--series-offered', { dash: [5, 4], value: showCount }),
    line('completed', '--series-first', { value: showCount }),
    line('failed', '--series-failed', { value: showCount }),
  ]
  const scales = { x: { time: false }, y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.08)] } }
  const axes = [axis({ values: seconds }), axis({ values: counts, size: 62 })]
  return draw(place, { scales, axes, series: [xSeries('second', (value) => `${value} s`), ...series] }, [
    atSeconds,
    offered,
    completed,
    failed,
  ])
}

function drawDurations({ phase, place }) {
  const { atSeconds, p50Ns, p99Ns, maxNs } = phase.timeline
  const series = [
    line('p50', '--series-first', { value: showNs }),
    line('p99', '--series-second', { value: showNs }),
    line('max', '--series-third', { value: showNs, dash: [5, 4] }),
  ]
  const scales = { x: { time: false }, y: logarithmic([p50Ns, p99Ns, maxNs]) }
  const axes = [axis({ values: seconds }), axis({ values: durations, size: 62 })]
  return draw(place, { scales, axes, series: [xSeries('second', (value) => `${value} s`), ...series] }, [
    atSeconds,
    ...[p50Ns, p99Ns, maxNs].map(positive),
  ])
}

function drawPercentiles({ curve, place }) {
  const columns = [curve.serviceTimeNs]
  const series = [line('service time', '--series-second', { value: showNs, dash: [5, 4] })]
  if (curve.latencyNs !== undefined) {
    columns.unshift(curve.latencyNs)
    series.unshift(line('latency', '--series-first', { value: showNs }))
  }
  const ranks = { time: false, distr: 3, range: [1, Math.max(10, curve.rank.at(-1))] }
  const axes = [
    axis({ values: (_plot, splits) => splits.map(percentileAtDecade), space: 30 }),
    axis({ values: durations, size: 62 }),
  ]
  const options = { scales: { x: ranks, y: logarithmic(columns) }, axes }
  return draw(place, { ...options, series: [xSeries('percentile', showPercentile), ...series] }, [
    curve.rank,
    ...columns.map(positive),
  ])
}

function offerCurves(figure, view, redraw) {
  const select = document.createElement('select')
  select.setAttribute('aria-label', 'Operation and outcome')
  for (const [index, curve] of view.phase.curves.entries()) select.add(new Option(curve.label, String(index)))
  select.addEventListener('change', () => {
    view.curve = view.phase.curves[Number(select.value)]
    redraw()
  })
  figure.querySelector('figcaption').append(select)
}

function draw(place, options, data) {
  const cursor = { points: { size: 7 }, drag: { x: true, y: false } }
  return new uPlot({ ...options, ...sizeOf(place), cursor, legend: { live: true } }, data, place)
}

function sizeOf(place) {
  return { width: Math.max(200, Math.floor(place.clientWidth)), height: plotHeight }
}

function line(label, colourName, { value, dash }) {
  const show = (_plot, raw) => (raw === null || raw === undefined ? '–' : value(raw))
  return {
    label,
    stroke: colour(colourName),
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

function seconds(_plot, splits) {
  return splits.map((value) => (Number.isInteger(value) ? `${value} s` : ''))
}

function counts(_plot, splits) {
  return splits.map(showCount)
}

function durations(_plot, splits) {
  return splits.map((value) => (isRound(value) ? showNs(value) : ''))
}

// Only 1, 2 and 5 of each decade are labelled.
function isRound(value) {
  const leading = Math.round((value / 10 ** Math.floor(Math.log10(value) + 1e-9)) * 1000) / 1000
  return leading === 1 || leading === 2 || leading === 5
}

function percentileAtDecade(rank) {
  const exponent = Math.log10(rank)
  return Math.abs(exponent - Math.round(exponent)) < 1e-9 ? showPercentile(rank) : ''
}

function showPercentile(rank) {
  const digits = Math.max(0, Math.ceil(Math.log10(rank)) - 2)
  return `${((1 - 1 / rank) * 100).toFixed(Math.min(digits, 8))} %`
}

function showCount(value) {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 })
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
