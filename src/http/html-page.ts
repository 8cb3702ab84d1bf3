/** A page of its own: `content` is markup, the title text. */
export function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head><body>${content}</body></html>`
}

/** The page of a redirect, for whoever does not follow it. */
export function redirectPage(url: string): string {
  const escaped = escapeHtml(url)
  return `<html><head><title>Handle Redirect</title></head>\n<body><a href="${escaped}">${escaped}</a></body></html>`
}

/** Text that nothing in it is taken for markup. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
