import { readPageAssets } from './assets.ts'
import { embeddedJson, escapeHtml } from './markup.ts'

export type Page = {
  readonly title: string
  /** The content of the page's main element. */
  readonly main: string
  /** Values that the page's script reads by their ids. */
  readonly data: Readonly<Record<string, unknown>>
  readonly client: Parameters<typeof readPageAssets>[0]
}

/**
 * A page that needs no network: styles, scripts and data are inside. Its content policy forbids everything else, so it can be
 * opened and passed on safely.
 */
export function renderPage({ title, main, data, client }: Page): string {
  const assets = readPageAssets(client)
  const embedded = Object.entries(data).map(([id, value]) => embeddedJson({ id, value }))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
<title>${escapeHtml(title)}</title>
<style>${assets.style}</style>
</head>
<body>
<main>
${main}
</main>
${embedded.join('\n')}
<script>${assets.library}</script>
<script type="module">${assets.kit}</script>
<script type="module">${assets.client}</script>
</body>
</html>
`
}

const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
