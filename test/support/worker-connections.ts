import { Client } from 'undici'

/** One keep-alive connection to a node, and the worker at its other end. */
export type WorkerConnection = {
  readonly worker: number
  send(asking: Sending): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>
  close(): Promise<void>
}

export type Sending = {
  readonly method?: 'GET' | 'PUT' | 'DELETE'
  readonly path: string
  readonly authorization?: string
  readonly body?: unknown
}

/** Opens connections until every worker has as many: the kernel spreads them as it likes. */
export async function connectToEach(
  url: string,
  { workers, each }: { readonly workers: number; readonly each: number },
): Promise<readonly WorkerConnection[]> {
  const kept: WorkerConnection[] = []
  const rest: WorkerConnection[] = []
  for (let opened = 0; kept.length < workers * each; opened++) {
    if (opened > workers * each * 50) throw new Error(`no ${each} connections to each of ${workers} workers`)
    const connection = await connectToAny(url)
    const present = kept.filter(({ worker }) => worker === connection.worker).length
    const target = present < each ? kept : rest
    target.push(connection)
  }
  await Promise.all(rest.map((connection) => connection.close()))
  return kept
}

/** Opens one connection and asks who answers it. */
export async function connectToAny(url: string): Promise<WorkerConnection> {
  const client = new Client(url, { pipelining: 1 })
  const send = async ({ method = 'GET', path, authorization, body }: Sending) => {
    const answer = await client.request({
      method,
      path,
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    return { status: answer.statusCode, body: (await answer.body.json()) as Record<string, unknown> }
  }
  const { body } = await send({ path: '/api/statistics' })
  return { worker: Number(body.answeredByWorker), send, close: () => client.destroy() }
}
