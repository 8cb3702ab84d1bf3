// Draws the figures that are lines over a common x: one chart for each set in the page's data.
// It runs in a reader's browser, after the chart library, the chart kit and the data.
const kit = globalThis.chartKit
const lineCharts = JSON.parse(document.getElementById('lines').textContent)
const colours = ['--series-first', '--series-second', '--series-third', '--series-fourth', '--series-fifth']
const colourOf = { offered: '--series-offered', failed: '--series-failed', completed: '--series-first' }

for (const figure of document.querySelectorAll('figure[data-lines]')) {
  const chart = lineCharts[Number(figure.dataset.lines)]
  kit.redrawWhenNeeded({ chart, place: figure.querySelector('.plot'), plot: undefined }, drawLines)
}

function drawLines({ chart, place }) {
  const { x, series, xUnit, yUnit, marks } = chart
  const show = kit.units[yUnit]
  const columns = series.map(({ values }) => (chart.logarithmic ? kit.positive(values) : values))
  const lines = series.map(({ label }, index) => ({
    ...kit.line(kit.translate(label), colourOf[label] ?? colours[index % colours.length], {
      value: show,
      dash: label === 'offered' || index >= colours.length ? [5, 4] : undefined,
    }),
    points: { show: x.length < 30, size: 6 },
  }))
  const upper = (_plot, _low, high) => [0, Math.max(high * 1.08, chart.yUnit === 'cores' ? 0.1 : 1e-9)]
  const scales = {
    x:
      xUnit === 'percentile'
        ? { time: false, distr: 3, range: [1, Math.max(10, x.at(-1) ?? 10)] }
        : { time: false },
    y: chart.logarithmic ? kit.logarithmic(columns) : { range: upper },
  }
  const axes = [
    kit.axis(
      xUnit === 'percentile'
        ? { values: (_plot, splits) => splits.map(kit.percentileAtDecade), space: 30 }
        : { values: (_plot, splits) => splits.map((value) => kit.units[xUnit](value)), space: 70 },
    ),
    kit.axis({
      values: (_plot, splits) =>
        splits.map((value) => (chart.logarithmic && !kit.isRound(value) ? '' : show(value))),
      size: 72,
      ...(yUnit === 'bytes' ? { incrs: Array.from({ length: 50 }, (_, power) => 2 ** power) } : {}),
    }),
  ]
  const first = kit.xSeries(kit.translate(chart.xLabel), kit.units[xUnit])
  return kit.draw(place, { scales, axes, series: [first, ...lines], hooks: kit.marksBehind(marks) }, [
    x,
    ...columns,
  ])
}
