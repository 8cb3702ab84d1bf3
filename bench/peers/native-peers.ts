import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Peer, RunningPeer } from './peer.ts'
import { freePort, hasProgram, spawnServer } from './spawned.ts'

type Options = {
  readonly body: string
  /** A command that starts nginx, for instance on a core of its own. */
  readonly startedThrough?: readonly string[]
}

/** nginx that answers the given body to everything, one process that is its own worker: what a server written in C costs. */
export function nginxPeer(options: Options): Peer {
  return { name: 'nginx', start: () => withProgram('nginx', (directory) => startNginx(directory, options)) }
}

/** redis-server that holds the body under many keys, asked by redis-benchmark: a floor without HTTP. */
export function redisPeer(options: Options): Peer {
  return {
    name: 'redis GET',
    start: () => withProgram('redis-server', (directory) => startRedis(directory, options)),
  }
}

async function withProgram(
  program: string,
  start: (directory: string) => Promise<RunningPeer>,
): Promise<RunningPeer | { readonly skippedBecause: string }> {
  if (!hasProgram(program)) return { skippedBecause: `this machine has no ${program}` }
  const directory = await mkdtemp(join(tmpdir(), 'erji-peer-'))
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  try {
    const peer = await start(directory)
    const stop = async (): Promise<void> => {
      await peer.stop()
      await remove()
    }
    return { ...peer, stop }
  } catch (error) {
    await remove()
    throw error
  }
}

async function startNginx(directory: string, { body, startedThrough = [] }: Options): Promise<RunningPeer> {
  const port = await freePort()
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  )
  const text = body.replace(/[\\']/g, '\\$&').replaceAll('$', '')
  await writeFile(
    join(directory, 'nginx.conf'),
    `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
events { worker_connections 2048; }
http { access_log off; keepalive_requests 1000000000; default_type application/json; ${paths.join(' ')}
server { listen 127.0.0.1:${port} reuseport; location / { return 200 '${text}'; } } }
`,
  )
  const [program = 'nginx', ...args] = [
    ...startedThrough,
    'nginx',
    '-p',
    directory,
    '-c',
    `${directory}/nginx.conf`,
  ]
  const spawned = await spawnServer(program, args, { port })
  const about = `one process, fixed body of ${Buffer.byteLength(body)} bytes`
  const url = `http://127.0.0.1:${port}`
  return { name: 'nginx', url, pids: [spawned.pid], about, stop: spawned.stop }
}

const redisKeys = 10_000
const redisRequestsASecond = 60_000

async function startRedis(directory: string, { body }: Options): Promise<RunningPeer> {
  const port = await freePort()
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory]
  const spawned = await spawnServer('redis-server', settings, { port })
  const bytes = Buffer.byteLength(body)
  const benchmark = async (work: 'set' | 'get', requests: number, connections: number) => {
    const shape = ['-r', String(redisKeys), '-d', String(bytes), '-c', String(connections), '-q']
    const started = performance.now()
    await promisify(execFile)('redis-benchmark', [
      '-p',
      String(port),
      '-t',
      work,
      '-n',
      String(requests),
      ...shape,
    ])
    return { requests, seconds: (performance.now() - started) / 1000, unexpected: 0 }
  }
  await benchmark('set', redisKeys * 10, 64)
  return {
    name: 'redis GET',
    url: `redis://127.0.0.1:${port}`,
    pids: [spawned.pid],
    about: `values of ${bytes} bytes, asked by redis-benchmark`,
    burst: ({ connections, seconds }) => benchmark('get', redisRequestsASecond * seconds, connections),
    stop: spawned.stop,
  }
}
