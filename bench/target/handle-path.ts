const plainPath = /^[\w.\-~/]+$/

/** The handle as the path of the Handle HTTP API: percent-encoded segment by segment, so that its slashes stay slashes. */
export function handlePath(handle: string): string {
  if (plainPath.test(handle)) return `/api/handles/${handle}`
  return `/api/handles/${handle.split('/').map(encodeURIComponent).join('/')}`
}

/** The Basic header of the Handle HTTP API: the identity `index:handle` is percent-encoded, for it holds a colon itself. */
export function basicAuthorization(credentials: { readonly user: string; readonly secret: string }): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(credentials.user)}:${credentials.secret}`).toString('base64')}`
}
