import { type ClientScript, readPageAssets } from './assets.ts'
import { chinese } from './chinese.ts'
import { embeddedJson, escapeHtml } from './markup.ts'

export type Page = {
  readonly title: string
  /** The content of the page's main element. */
  readonly main: string
  /** Values that the page's script reads by their ids. */
  readonly data: Readonly<Record<string, unknown>>
  readonly client: ClientScript | readonly ClientScript[]
  /** Whether the page has a switch to 中文. */
  readonly bilingual?: boolean
}

/**
 * A page that needs no network: styles, scripts and data are inside. Its content policy forbids everything else, so it can be
 * opened and passed on safely.
 */
export function renderPage({ title, main, data, client, bilingual = false }: Page): string {
  const assets = readPageAssets(typeof client === 'string' ? [client] : client)
  const words = bilingual ? { chinese } : {}
  const embedded = Object.entries({ ...data, ...words }).map(([id, value]) => embeddedJson({ id, value }))
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
${bilingual ? '<nav><button type="button" id="language" lang="zh-CN">中文</button></nav>' : ''}
<main>
${main}
</main>
${embedded.join('\n')}
<script>${assets.library}</script>
${bilingual ? `<script type="module">${assets.language}</script>` : ''}
<script type="module">${assets.kit}</script>
${assets.clients.map((script) => `<script type="module">${script}</script>`).join('\n')}
</body>
</html>
`
}

const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
