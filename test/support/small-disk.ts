import { spawnSync } from 'node:child_process'

/**
 * The shell line that runs `program` with `directory` on a disk of `mebibytes`: a tmpfs in a mount namespace of its
 * own, which is gone with the process. Where the machine forbids mounting, a limit on the size of files, which ends
 * writing in the same place, stands in for it.
 */
export function onSmallDisk(options: {
  readonly directory: string
  readonly mebibytes: number
}): readonly string[] {
  const { directory, mebibytes } = options
  const mount = `mount -t tmpfs -o size=${mebibytes}m tmpfs '${directory}'`
  for (const namespace of [
    ['unshare', '--mount'],
    ['unshare', '--user', '--map-root-user', '--mount'],
  ]) {
    const [program = '', ...programArguments] = namespace
    const tried = spawnSync(program, [...programArguments, 'sh', '-c', mount])
    if (tried.status === 0) return [...namespace, 'sh', '-c', `${mount} && exec "$@"`, 'sh']
  }
  // In 512-byte blocks; an eighth, because several files share a disk.
  return ['sh', '-c', `ulimit -f ${(mebibytes * 2048) / 8} && exec "$@"`, 'sh']
}
