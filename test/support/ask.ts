/** An answer, read to its end. */
export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; throws when it is not. */
  json(): Record<string, unknown>
}

export type Asking = {
  readonly method?: string
  readonly authorization?: string
  /** Sent as it is when text, as JSON with its content type otherwise. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** One request; redirects are answers like any other. */
export async function ask(url: string, asking: Asking = {}): Promise<Answer> {
  const { method = 'GET', authorization, body } = asking
  const headers = new Headers(asking.headers)
  if (authorization !== undefined) headers.set('authorization', authorization)
  if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json')
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
}
