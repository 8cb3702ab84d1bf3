import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The texts that make a page self-contained. */
export type PageAssets = {
  readonly library: string
  readonly kit: string
  readonly client: string
  readonly style: string
}

/** The chart library as its package ships it, then our own scripts and style, which lie beside this file. */
export function readPageAssets(client: 'client.js' | 'curves-client.js'): PageAssets {
  const { resolve } = createRequire(import.meta.url)
  const libraryStyle = readFileSync(resolve('uplot/dist/uPlot.min.css'), 'utf8')
  const own = (name: string): string => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8')
  return {
    library: readFileSync(resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    kit: own('chart-kit.js'),
    client: own(client),
    style: `${libraryStyle}\n${own('style.css')}`,
  }
}
