import { handlePath } from './handle-path.ts'
import type { Exchanger } from './http-exchange.ts'
import type { Credentials } from './index.ts'
import { TargetError } from './target-error.ts'

export type Homing = {
  readonly prefixes: readonly string[]
  /** Who derives them and shall administer them: an administrator of the prefix above. */
  readonly credentials: Credentials | undefined
  readonly authorization: string | undefined
}

/**
 * Creates the records of derived prefixes (`0.NA/PREFIX.1` …), each with an HS_ADMIN value that names whoever writes here;
 * those that are there already are left as they are. @throws TargetError
 */
export async function homePrefixes(exchange: Exchanger, homing: Homing, signal: AbortSignal): Promise<void> {
  const { prefixes, credentials, authorization } = homing
  if (credentials === undefined) {
    throw new TargetError('REFUSED', 'derived prefixes are created by an administrator: give --secret-file')
  }
  const [index = '', ...handle] = credentials.user.split(':')
  const value = { handle: handle.join(':'), index: Number(index), permissions: '111111111111' }
  const body = JSON.stringify([{ index: 100, type: 'HS_ADMIN', data: { format: 'admin', value } }])
  const headers = { 'content-type': 'application/json', authorization: authorization ?? '' }
  for (const prefix of prefixes) {
    const path = `${handlePath(`0.NA/${prefix}`)}?overwrite=false`
    const { status, body: answer } = await exchange.send({ method: 'PUT', path, headers, body }, signal)
    // 409: it is there already.
    if (status === 200 || status === 201 || status === 409) continue
    throw new TargetError('REFUSED', `PUT ${path} was answered ${status}: ${answer.toString('utf8', 0, 300)}`)
  }
}
