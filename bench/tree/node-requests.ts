import { request } from 'undici'

/** Requests that a recursive node has sent to each address, as its metrics tell them. */
export async function readUpstreamRequests(url: string): Promise<ReadonlyMap<string, number>> {
  const { body } = await request(`${url}/metrics`)
  const found = new Map<string, number>()
  const lines = (await body.text()).matchAll(
    /^erji_upstream_requests_total\{upstream="[a-z+]+:\/\/([^"]+):\d+"\} (\d+)/gm,
  )
  for (const [, host = '', count = '0'] of lines) found.set(host, (found.get(host) ?? 0) + Number(count))
  return found
}
