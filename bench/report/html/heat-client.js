// Draws the heat maps: how many answers took how long, second by second, with the median and the 99th percentile above.
// It runs in a reader's browser, after the chart library, the chart kit and the data.
const {
  axis,
  draw,
  durations,
  isRound,
  line,
  logarithmic,
  marksBehind,
  positive,
  redrawWhenNeeded,
  seconds,
  translate,
  units,
  xSeries,
} = globalThis.chartKit
const phases = JSON.parse(document.getElementById('charts').textContent)

for (const figure of document.querySelectorAll('figure[data-heat]')) {
  const phase = phases[Number(figure.dataset.heat)]
  redrawWhenNeeded({ phase, place: figure.querySelector('.plot'), plot: undefined }, drawHeat)
}

function drawHeat({ phase, place }) {
  const { heat, timeline, marks } = phase
  const series = [
    line('p50', '--ink', { value: units.ns, dash: [4, 3] }),
    line('p99', '--series-second', { value: units.ns }),
  ]
  const bands = marksBehind(marks)
  const hooks = { drawClear: [(plot) => paintCells(plot, heat), ...bands.drawClear] }
  const last = timeline.atSeconds.at(-1)
  // A second is drawn from its beginning to its end, so the last column reaches beyond the last point.
  const range = (_plot, low, high) => [
    low,
    high === last ? heat.atSeconds.at(-1) + heat.secondsPerColumn : high,
  ]
  const scales = { x: { time: false, range }, y: logarithmic([heat.boundsNs]) }
  const axes = [
    axis({ values: seconds }),
    axis({
      values: durations,
      size: 72,
      filter: (_plot, splits) =>
        splits.filter(isRound).length > 1 ? splits.map((value) => (isRound(value) ? value : null)) : splits,
    }),
  ]
  return draw(
    place,
    { scales, axes, hooks, series: [xSeries(translate('second'), units.second), ...series] },
    [timeline.atSeconds, ...[timeline.p50Ns, timeline.p99Ns].map(positive)],
  )
}

// The fullest cell is solid; a cell of one answer is still seen, because the shade grows with the logarithm.
function paintCells(plot, { atSeconds, secondsPerColumn, boundsNs, counts }) {
  const { ctx, bbox } = plot
  const most = Math.log1p(Math.max(1, ...counts.flat()))
  const colour = getComputedStyle(document.documentElement).getPropertyValue('--heat').trim()
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.fillStyle = colour
  for (const [column, cells] of counts.entries()) {
    const left = plot.valToPos(atSeconds[column], 'x', true)
    const right = plot.valToPos(atSeconds[column] + secondsPerColumn, 'x', true)
    for (const [bucket, count] of cells.entries()) {
      if (count === 0) continue
      const top = plot.valToPos(boundsNs[bucket + 1], 'y', true)
      const bottom = plot.valToPos(boundsNs[bucket], 'y', true)
      ctx.globalAlpha = 0.08 + 0.92 * (Math.log1p(count) / most)
      ctx.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top))
    }
  }
  ctx.restore()
}
