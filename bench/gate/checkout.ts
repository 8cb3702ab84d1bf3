import { execFile } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { UsageError } from '../cli/flags.ts'

const run = promisify(execFile)

/** A commit of this repository in a directory of its own, ready to be started. */
export type Checkout = { readonly program: string; readonly commit: string; remove(): Promise<void> }

/**
 * Checks a git reference out into a work tree of its own. Where the lock file is the same the dependencies of this
 * checkout serve, which makes both sides run on the same ones; otherwise they are installed. @throws UsageError
 */
export async function checkOut(
  reference: string,
  options: { readonly repository: string; readonly directory: string },
): Promise<Checkout> {
  const { repository, directory } = options
  const commit = await resolveReference(reference, repository)
  await git(repository, ['worktree', 'add', '--detach', '--force', directory, commit])
  const remove = async (): Promise<void> => {
    await git(repository, ['worktree', 'remove', '--force', directory])
  }
  try {
    const program = join(directory, 'src', 'main.ts')
    if (!existsSync(program)) throw new UsageError([`commit ${commit} holds no node (src/main.ts)`])
    if (await sameFile(repository, commit)) {
      symlinkSync(join(repository, 'node_modules'), join(directory, 'node_modules'), 'dir')
    } else {
      await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: directory })
    }
    return { program, commit, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** The commit that a reference stands for now. @throws UsageError */
export async function resolveReference(reference: string, repository: string): Promise<string> {
  try {
    return await git(repository, ['rev-parse', '--verify', '--end-of-options', `${reference}^{commit}`])
  } catch (cause) {
    throw new UsageError([
      `"${reference}" is no address, no report and no commit here; expected http://…, a JSON report or a git reference`,
      ...(cause instanceof Error ? [cause.message.split('\n')[0] ?? ''] : []),
    ])
  }
}

async function sameFile(repository: string, commit: string): Promise<boolean> {
  const [theirs, ours] = await Promise.all([
    git(repository, ['rev-parse', `${commit}:package-lock.json`]),
    git(repository, ['hash-object', 'package-lock.json']),
  ])
  return theirs === ours
}

async function git(directory: string, parameters: readonly string[]): Promise<string> {
  const { stdout } = await run('git', ['-C', directory, ...parameters])
  return stdout.trim()
}
