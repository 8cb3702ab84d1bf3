import type { HttpAnswer, HttpRequest } from './http-exchange.ts'
import { namingRequest } from './request-errors.ts'
import { TargetError } from './target-error.ts'

const redirectsMax = 3

/** What an answer that points within the same origin leads to in the end. @throws TargetError PROTOCOL where it leads elsewhere */
export async function followRedirects(
  { answer: first, request: asked }: { readonly answer: HttpAnswer; readonly request: HttpRequest },
  options: { readonly origin: string; send(request: HttpRequest): Promise<HttpAnswer> },
): Promise<HttpAnswer> {
  let answer = first
  let request = asked
  for (let redirects = 0; isRedirect(answer.status) && redirects < redirectsMax; redirects++) {
    const { location } = answer.headers
    if (location === undefined) return answer
    request = { ...request, path: redirectedPath(String(location), { ...options, request }) }
    answer = await options.send(request)
  }
  return answer
}

/** A relative reference is one to the request that was redirected (RFC 9110 section 10.2.2). */
function redirectedPath(
  location: string,
  { origin, request }: { readonly origin: string; readonly request: HttpRequest },
): string {
  const base = origin + request.path
  if (!URL.canParse(location, base)) {
    throw namingRequest(new TargetError('PROTOCOL', `redirected to "${location}", which is no address`), {
      origin,
      request,
    })
  }
  const { origin: other, pathname, search } = new URL(location, base)
  if (other !== origin) {
    throw namingRequest(
      new TargetError('PROTOCOL', `redirected to another origin, ${other}; name it as the target instead`),
      { origin, request },
    )
  }
  return pathname + search
}

/** Whether an answer points somewhere else. */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 307 || status === 308
}
