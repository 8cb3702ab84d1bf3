import { readFile } from 'node:fs/promises'
import { StartupError } from '../errors.ts'

/** Where a running node is and who asks it. */
export type NodeClient = { readonly url: URL; readonly authorization: string }

/** Reads `--target`, `--user` and the secret. @throws StartupError CONFIG_INVALID naming the flag. */
export async function nodeClient(flags: {
  target: string
  user: string
  adminSecretFile?: string
}): Promise<NodeClient> {
  const url = URL.canParse(flags.target) ? new URL(flags.target) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new StartupError(
      'CONFIG_INVALID',
      `--target is "${flags.target}"; expected a URL such as http://127.0.0.1:8000`,
    )
  }
  if (!/^\d+:.+\/.+$/.test(flags.user)) {
    throw new StartupError(
      'CONFIG_INVALID',
      `--user is "${flags.user}"; expected index:handle such as 300:88.118/ADMIN`,
    )
  }
  const secret = await secretOf(flags.adminSecretFile)
  const basic = Buffer.from(`${encodeURIComponent(flags.user)}:${secret}`).toString('base64')
  return { url, authorization: `Basic ${basic}` }
}

async function secretOf(path: string | undefined): Promise<string> {
  if (path === undefined) {
    const secret = process.env.ERJI_ADMIN_SECRET
    if (secret) return secret
    throw new StartupError(
      'CONFIG_INVALID',
      'the secret is missing; expected --admin-secret-file or ERJI_ADMIN_SECRET',
    )
  }
  const secret = await readSecret(path)
  if (secret !== '') return secret
  throw new StartupError(
    'CONFIG_INVALID',
    `--admin-secret-file "${path}" is empty; expected a secret on one line`,
  )
}

async function readSecret(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    throw new StartupError(
      'CONFIG_INVALID',
      `--admin-secret-file "${path}" cannot be read: ${(cause as Error).message}`,
      { cause },
    )
  }
}
