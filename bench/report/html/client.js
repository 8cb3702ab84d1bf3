// Draws the charts of the page from the points that lie in it, and again when the width or the colour scheme changes.
// It runs in a reader's browser, after the chart library, the chart kit and the data.
const { axis, counts, draw, isRound, line, logarithmic, positive, redrawWhenNeeded, showCount, xSeries } =
  globalThis.chartKit
const charts = JSON.parse(document.getElementById('charts').textContent)
const drawers = { throughput: drawThroughput, durations: drawDurations, percentiles: drawPercentiles }

for (const figure of document.querySelectorAll('figure[data-chart]')) {
  const phase = charts[Number(figure.dataset.phase)]
  const place = figure.querySelector('.plot')
  const view = { curve: phase.curves[0], phase, plot: undefined, place }
  const redraw = redrawWhenNeeded(view, drawers[figure.dataset.chart])
  if (figure.dataset.chart === 'percentiles' && phase.curves.length > 1) offerCurves(figure, view, redraw)
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
