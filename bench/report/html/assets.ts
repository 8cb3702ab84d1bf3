import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The texts that make a page self-contained. */
export type PageAssets = { readonly library: string; readonly client: string; readonly style: string }

/** The chart library as its package ships it, then our own script and style, which lie beside this file. */
export function readPageAssets(): PageAssets {
  const { resolve } = createRequire(import.meta.url)
  const libraryStyle = readFileSync(resolve('uplot/dist/uPlot.min.css'), 'utf8')
  return {
    library: readFileSync(resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    client: readFileSync(new URL('./client.js', import.meta.url), 'utf8'),
    style: `${libraryStyle}\n${readFileSync(new URL('./style.css', import.meta.url), 'utf8')}`,
  }
}
