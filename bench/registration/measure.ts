import { fork } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processUsage } from '../measure/process-usage.ts'
import { startNode } from '../node/node-process.ts'
import type { FromClient } from './client.ts'
import type { ClientPlan, ClientResult } from './client-plan.ts'

/** One way to register that is measured against the others. */
export type Variant = {
  readonly kind: 'single' | 'bulk'
  readonly durability: 'sync' | 'os'
  readonly workers: number
}

/** What a node did under one variant. */
export type Measurement = ClientResult & {
  readonly serverCpuSeconds: number
  readonly recordsPerSecond: number
  readonly recordsPerServerCpuSecond: number
  readonly residentBytes: number
}

export type MeasureOptions = {
  readonly connections: number
  readonly warmSeconds: number
  readonly warmRecords: number
  readonly seconds: number
  readonly bulkRecords: number
  /** Where the data directories are made: the file system decides on what a sync costs. */
  readonly directory?: string | undefined
}

const prefix = '88.118'
const bulkConnections = 4

/** Starts a node over an empty store, registers for as long as asked, and leaves nothing behind. */
export async function measure(variant: Variant, options: MeasureOptions): Promise<Measurement> {
  const directory = await mkdtemp(join(options.directory ?? tmpdir(), 'erji-registration-'))
  try {
    const secretFile = join(directory, 'secret')
    const node = await startNode({
      dataDirectory: join(directory, 'data'),
      secretFile,
      prefix,
      durability: variant.durability,
      cacheBytes: '64MiB',
      environment: { ERJI_WORKERS: String(variant.workers) },
    })
    try {
      const secret = (await readFile(secretFile, 'utf8')).trim()
      const { hostname, port } = new URL(node.url)
      const plan: ClientPlan = {
        kind: variant.kind,
        host: hostname,
        port: Number(port),
        authorization: `Basic ${Buffer.from(`300%3A${prefix}/ADMIN:${secret}`).toString('base64')}`,
        prefix,
        run: 'r',
        connections: variant.kind === 'single' ? options.connections : bulkConnections,
        warmSeconds: options.warmSeconds,
        warmRecords: options.warmRecords,
        seconds: options.seconds,
        bulkRecords: options.bulkRecords,
      }
      return await runClient(plan, node.pid)
    } finally {
      await node.stop()
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The same client against a bare `node:http` server: requests, where a node has records. */
export async function measureReference(options: MeasureOptions): Promise<Measurement> {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const server = fork(new URL(`./reference-server${extension}`, import.meta.url), { execArgv: [] })
  try {
    const port = await new Promise<number>((resolve, reject) => {
      server.once('message', (listening) => resolve(Number(listening)))
      server.once('exit', (code) => reject(new Error(`the reference server ended with code ${code}`)))
    })
    const { connections, warmSeconds, warmRecords, seconds, bulkRecords } = options
    const plan = { kind: 'reference', host: '127.0.0.1', port, authorization: '', prefix, run: 'r' } as const
    return await runClient(
      { ...plan, connections, warmSeconds, warmRecords, seconds, bulkRecords },
      server.pid ?? 0,
    )
  } finally {
    server.removeAllListeners('exit')
    server.kill()
  }
}

function runClient(plan: ClientPlan, nodePid: number): Promise<Measurement> {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const child = fork(new URL(`./client${extension}`, import.meta.url), { execArgv: [] })
  let cpuAtWarm = 0
  return new Promise((resolve, reject) => {
    let measurement: Measurement | undefined
    child.on('message', (message: FromClient) => {
      const usage = processUsage(nodePid)
      if (usage === undefined) return reject(new Error('the node has ended'))
      if (message.type === 'warm') {
        cpuAtWarm = usage.cpuSeconds
        return
      }
      const { result } = message
      const serverCpuSeconds = usage.cpuSeconds - cpuAtWarm
      measurement = {
        ...result,
        serverCpuSeconds,
        recordsPerSecond: result.records / result.seconds,
        recordsPerServerCpuSecond: result.records / serverCpuSeconds,
        residentBytes: usage.residentBytes,
      }
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      if (measurement === undefined) reject(new Error(`the client ended with code ${code} without a result`))
      else resolve(measurement)
    })
    child.send(plan)
  })
}
