import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A file system of its own: a tmpfs that only processes started through `enter` see, and which is there until it is
 * closed, whether or not one of them runs. Whoever opens it closes it.
 */
export type SmallDisk = {
  /** What to start a program through, so that it sees the disk. */
  readonly enter: readonly string[]
  /** Writes until no byte is left. */
  fill(): void
  /** Takes away what filled it. */
  free(): void
  close(): Promise<void>
}

/** Mounting is a matter of rights: what the system said against it. */
export class SmallDiskError extends Error {
  override readonly name = 'SmallDiskError'
}

/** With rights of its own in a user namespace where the user has none. */
const namespaces = [['--mount'], ['--user', '--map-root-user', '--mount']]

/** Mounts a disk of so many bytes at a directory that exists. @throws SmallDiskError */
export async function openSmallDisk(options: {
  readonly directory: string
  readonly bytes: number
}): Promise<SmallDisk> {
  const { directory, bytes } = options
  const mount = `mount -t tmpfs -o size=${Math.ceil(bytes)} tmpfs "$0"`
  const refusals: string[] = []
  for (const namespace of namespaces) {
    const tried = spawnSync('unshare', [...namespace, 'sh', '-c', mount, directory])
    if (tried.status !== 0) {
      refusals.push(tried.error?.message ?? tried.stderr.toString().trim())
      continue
    }
    const script = `${mount} && echo mounted && exec sleep infinity`
    const holder = spawn('unshare', [...namespace, 'sh', '-c', script, directory], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    })
    await once(holder.stdout, 'data')
    return diskOf(holder, directory, namespace)
  }
  throw new SmallDiskError(`a file system of its own cannot be mounted: ${refusals.join('; ')}`)
}

function diskOf(holder: ChildProcess, directory: string, namespace: readonly string[]): SmallDisk {
  const pid = String(holder.pid)
  const user = namespace.includes('--user') ? ['--user', '--preserve-credentials'] : []
  // Through the holder's root this process, too, sees what is mounted for it alone.
  const filler = join(`/proc/${pid}/root`, directory, 'filler')
  const endWithUs = (): void => void holder.kill('SIGKILL')
  process.once('exit', endWithUs)
  return {
    enter: ['nsenter', '--target', pid, '--mount', ...user, '--'],
    fill: () => writeUntilFull(filler),
    free: () => rmSync(filler, { force: true }),
    async close() {
      process.removeListener('exit', endWithUs)
      if (holder.exitCode !== null || holder.signalCode !== null) return
      const ended = once(holder, 'exit')
      holder.kill('SIGKILL')
      await ended
    },
  }
}

/** Ever smaller pieces, so that not even a page is left. */
function writeUntilFull(file: string): void {
  const descriptor = openSync(file, 'w')
  try {
    for (
      let piece = Buffer.alloc(4 * 1024 * 1024);
      piece.length >= 512;
      piece = piece.subarray(piece.length / 2)
    ) {
      while (writes(descriptor, piece));
    }
  } finally {
    closeSync(descriptor)
  }
}

function writes(descriptor: number, piece: Buffer): boolean {
  try {
    return writeSync(descriptor, piece) === piece.length
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false
    throw error
  }
}
