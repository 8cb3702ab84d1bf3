// Draws the charts of the page from the points that lie in it, and again when the width or the colour scheme changes.
// It runs in a reader's browser, after the chart library, the chart kit and the data.
const {
  axis,
  counts,
  draw,
  durations,
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
  xSeries,
} = globalThis.chartKit
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
    line(translate('offered'), '--series-offered', { dash: [5, 4], value: showCount }),
    line(translate('completed'), '--series-first', { value: showCount }),
    line(translate('failed'), '--series-failed', { value: showCount }),
  ]
  const scales = { x: { time: false }, y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.08)] } }
  const axes = [axis({ values: seconds }), axis({ values: counts, size: 62 })]
  const hooks = marksBehind(phase.marks)
  return draw(
    place,
    { scales, axes, hooks, series: [xSeries(translate('second'), (value) => `${value} s`), ...series] },
    [atSeconds, offered, completed, failed],
  )
}

function drawDurations({ phase, place }) {
  const { atSeconds, p50Ns, p99Ns, maxNs } = phase.timeline
  const series = [
    line('p50', '--series-first', { value: showNs }),
    line('p99', '--series-second', { value: showNs }),
    line(translate('max'), '--series-third', { value: showNs, dash: [5, 4] }),
  ]
  const scales = { x: { time: false }, y: logarithmic([p50Ns, p99Ns, maxNs]) }
  const axes = [axis({ values: seconds }), axis({ values: durations, size: 62 })]
  const hooks = marksBehind(phase.marks)
  return draw(
    place,
    { scales, axes, hooks, series: [xSeries(translate('second'), (value) => `${value} s`), ...series] },
    [atSeconds, ...[p50Ns, p99Ns, maxNs].map(positive)],
  )
}

function drawPercentiles({ curve, place }) {
  const columns = [curve.serviceTimeNs]
  const series = [line(translate('service time'), '--series-second', { value: showNs, dash: [5, 4] })]
  if (curve.latencyNs !== undefined) {
    columns.unshift(curve.latencyNs)
    series.unshift(line(translate('latency'), '--series-first', { value: showNs }))
  }
  const ranks = { time: false, distr: 3, range: [1, Math.max(10, curve.rank.at(-1))] }
  const axes = [
    axis({ values: (_plot, splits) => splits.map(percentileAtDecade), space: 30 }),
    axis({ values: durations, size: 62 }),
  ]
  const options = { scales: { x: ranks, y: logarithmic(columns) }, axes }
  return draw(place, { ...options, series: [xSeries(translate('percentile'), showPercentile), ...series] }, [
    curve.rank,
    ...columns.map(positive),
  ])
}

function offerCurves(figure, view, redraw) {
  const select = document.createElement('select')
  select.setAttribute('aria-label', translate('Operation and outcome'))
  for (const [index, curve] of view.phase.curves.entries()) select.add(new Option(curve.label, String(index)))
  select.addEventListener('change', () => {
    view.curve = view.phase.curves[Number(select.value)]
    redraw()
  })
  figure.querySelector('figcaption').append(select)
}
