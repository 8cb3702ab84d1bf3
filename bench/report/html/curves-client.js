// Draws miss-ratio curves: one chart for each set in the page's data, one line for each of its series.
// It runs in a reader's browser, after the chart library, the chart kit and the data.
const { axis, draw, isRound, line, logarithmic, redrawWhenNeeded, showCount, xSeries } = globalThis.chartKit
const charts = JSON.parse(document.getElementById('charts').textContent)
const dashes = [undefined, [8, 4], [3, 3]]

for (const figure of document.querySelectorAll('figure[data-curves]')) {
  const chart = charts[Number(figure.dataset.curves)]
  redrawWhenNeeded({ chart, place: figure.querySelector('.plot'), plot: undefined }, drawCurves)
}

function drawCurves({ chart, place }) {
  const { sizes, unit, series, overTime } = chart
  const lines = series.map(({ label }, index) => ({
    ...line(label, hue(index, series.length), { value: showShare, dash: dashes[index % dashes.length] }),
    points: { show: sizes.length < 40, size: 5 },
    spanGaps: true,
  }))
  const scales = {
    x: { time: false, ...(overTime ? {} : logarithmic([sizes])) },
    y: { range: (_plot, _low, high) => [0, Math.min(1.02, Math.max(0.01, high * 1.05))] },
  }
  // Left to itself, a logarithmic axis labels whole decades only, of which there may be none.
  const xAxis = axis({
    filter: (_plot, splits) => splits,
    values: (_plot, splits) => splits.map((value) => (overTime || isRound(value) ? showCount(value) : '')),
  })
  const axes = [xAxis, axis({ values: (_plot, splits) => splits.map(showShare), size: 62 })]
  const x = xSeries(unit, (value) => `${showCount(value)} ${unit}`)
  return draw(place, { scales, axes, series: [x, ...lines] }, [
    sizes,
    ...series.map(({ missRatios }) => missRatios),
  ])
}

// Hues as far apart as they can be, readable on light and dark.
function hue(index, total) {
  return `hsl(${Math.round((360 * index) / total)} 65% 48%)`
}

function showShare(value) {
  return `${Number((value * 100).toPrecision(4))} %`
}
