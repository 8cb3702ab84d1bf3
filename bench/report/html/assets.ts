import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The scripts that draw, each for its kind of figure. */
export type ClientScript = 'client.js' | 'heat-client.js' | 'lines-client.js' | 'curves-client.js'

/** The texts that make a page self-contained. */
export type PageAssets = {
  readonly library: string
  readonly language: string
  readonly kit: string
  readonly clients: readonly string[]
  readonly style: string
}

/** The chart library as its package ships it, then our own scripts and styles, which lie beside this file. */
export function readPageAssets(clients: readonly ClientScript[]): PageAssets {
  const { resolve } = createRequire(import.meta.url)
  const libraryStyle = readFileSync(resolve('uplot/dist/uPlot.min.css'), 'utf8')
  const own = (name: string): string => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8')
  return {
    library: readFileSync(resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    language: own('language.js'),
    kit: own('chart-kit.js'),
    clients: clients.map(own),
    style: `${libraryStyle}\n${own('style.css')}\n${own('charts.css')}`,
  }
}
