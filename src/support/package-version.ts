import { readFileSync } from 'node:fs'

/** The version in package.json, found from the source tree and from the published `dist/` alike. */
export function packageVersion(): string {
  for (const relative of ['../../package.json', '../../../package.json']) {
    const parsed = readPackage(new URL(relative, import.meta.url))
    if (parsed?.name === 'erji' && typeof parsed.version === 'string') return parsed.version
  }
  return 'unknown'
}

function readPackage(url: URL): { name?: unknown; version?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(url, 'utf8'))
  } catch {
    // Not at this level: the caller looks one further up.
    return undefined
  }
}
