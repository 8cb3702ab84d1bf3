import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type ClusterNode, type ClusterPorts, type ClusterSecurity, writeNodeFiles } from './cluster-files.ts'
import { moduleFlags } from './java-modules.ts'

export type ClusterOptions = {
  /** Where the jars are. */
  readonly library: string
  /** Holds the data, and is removed when the cluster is closed. */
  readonly directory: string
  readonly nodes: number
  /** Where the node of such a number, from 1, stands; all in `dc1` unless given. */
  readonly dataCenterOf?: (number: number) => string
  /** Of each node. */
  readonly heapMebibytes?: number
  /** Addresses are 127.0.N.1, 127.0.N.2 …, N below 256. */
  readonly network?: number
  /** Clients have to speak TLS and log in; the first may as `cassandra` with the same password. */
  readonly security?: ClusterSecurity
  /** Java's compilers: the first alone starts faster, both together run faster after a while. */
  readonly compilers?: 'first' | 'both'
}

const readySecondsMax = 180

/** Every node has an address of its own, but for Java's management, which is on this machine's: there clusters differ by port. */
function portsOf({ network = 0 }: ClusterOptions): ClusterPorts {
  return { native: nativePort, storage: 7000, jmx: 17_000 + 10 * network }
}

const nativePort = 9042

/** A Cassandra cluster of this machine's own, on loopback addresses: real processes that can be killed and stopped. */
export class Cluster {
  readonly nodes: readonly ClusterNode[]
  readonly #options: ClusterOptions
  readonly #ports: ClusterPorts
  readonly #processes = new Map<number, ChildProcess>()

  private constructor(options: ClusterOptions) {
    this.#options = options
    this.#ports = portsOf(options)
    this.nodes = Array.from({ length: options.nodes }, (_, index) => ({
      number: index + 1,
      address: `127.0.${options.network ?? 0}.${index + 1}`,
      dataCenter: options.dataCenterOf?.(index + 1) ?? 'dc1',
      directory: join(options.directory, `node${index + 1}`),
    }))
  }

  /** Starts all nodes and waits until each sees all of them up. @throws Error with a node's last lines */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options)
    const { security } = options
    for (const node of cluster.nodes)
      writeNodeFiles(node, { nodes: cluster.nodes, ports: cluster.#ports, security })
    try {
      for (const node of cluster.nodes) cluster.#launch(node)
      await Promise.all(cluster.nodes.map((node) => cluster.#listening(node)))
      await cluster.whole()
      return cluster
    } catch (error) {
      await cluster.close()
      throw error
    }
  }

  /** What a driver is given. */
  get contactPoints(): readonly string[] {
    return this.contactPointsIn()
  }

  /** Those of one data centre, or of all. */
  contactPointsIn(dataCenter?: string): readonly string[] {
    const nodes = this.nodes.filter((node) => dataCenter === undefined || node.dataCenter === dataCenter)
    return nodes.map(({ address }) => `${address}:${nativePort}`)
  }

  pidOf(number: number): number {
    return this.#processes.get(number)?.pid ?? 0
  }

  /** `kill -9`. */
  async kill(number: number): Promise<void> {
    await this.#end(number, 'SIGKILL')
  }

  pause(number: number): void {
    process.kill(this.pidOf(number), 'SIGSTOP')
  }

  resume(number: number): void {
    process.kill(this.pidOf(number), 'SIGCONT')
  }

  /** Starts a node that was killed and waits until it takes queries. */
  async restart(number: number): Promise<void> {
    const node = this.#node(number)
    this.#launch(node)
    await this.#listening(node)
  }

  /** Waits until every node takes every other for up: a node that has just been started takes queries before that. */
  async whole(): Promise<void> {
    const deadlineMs = performance.now() + readySecondsMax * 1000
    for (const { number } of this.nodes) {
      while (!(await this.#seesAll(number))) {
        if (performance.now() > deadlineMs)
          throw new Error(`the Cassandra nodes do not find each other within ${readySecondsMax} s`)
        await sleep(300)
      }
    }
  }

  async #seesAll(number: number): Promise<boolean> {
    const status = await this.nodetool(number, ['status']).catch(() => '')
    return status.split('\n').filter((line) => line.startsWith('UN ')).length === this.nodes.length
  }

  /** Runs `nodetool` against a node. */
  async nodetool(number: number, words: readonly string[]): Promise<string> {
    const { directory } = this.#node(number)
    const { stdout } = await promisify(execFile)(
      'java',
      [
        '-Xmx128M',
        '-XX:TieredStopAtLevel=1',
        '-XX:+UseSerialGC',
        ...moduleFlags,
        `-Dlogback.configurationFile=${join(directory, 'conf', 'logback-tools.xml')}`,
        `-Dcassandra.storagedir=${join(directory, 'data')}`,
        `-Duser.home=${join(directory, 'tmp')}`,
        '-cp',
        this.#classPath(directory),
        'org.apache.cassandra.tools.NodeTool',
        ...['-h', '127.0.0.1', '-p', String(this.#ports.jmx + number - 1)],
        ...words,
      ],
      { maxBuffer: 64 * 2 ** 20 },
    )
    return stdout
  }

  /** Ends all nodes and removes their data. */
  async close(): Promise<void> {
    await Promise.all([...this.#processes.keys()].map((number) => this.#end(number, 'SIGKILL')))
    rmSync(this.#options.directory, { recursive: true, force: true })
  }

  #node(number: number): ClusterNode {
    const node = this.nodes[number - 1]
    if (node === undefined) throw new Error(`the cluster has no node ${number}`)
    return node
  }

  #launch({ number, directory }: ClusterNode): void {
    const heap = `${this.#options.heapMebibytes ?? 448}M`
    const log = openSync(join(directory, 'logs', 'stdout.log'), 'a')
    const agent = readdirSync(this.#options.library).find((name) => /^jamm-.*\.jar$/.test(name))
    const child = spawn(
      'java',
      [
        ...[`-Xms${heap}`, `-Xmx${heap}`, '-Xss256k', '-XX:MaxDirectMemorySize=384M'],
        ...[
          '-XX:+UseG1GC',
          '-XX:+PerfDisableSharedMem',
          '-XX:+ExitOnOutOfMemoryError',
          `-XX:TieredStopAtLevel=${this.#options.compilers === 'both' ? 4 : 1}`,
        ],
        '-Djava.net.preferIPv4Stack=true',
        `-Djava.io.tmpdir=${join(directory, 'tmp')}`,
        ...moduleFlags,
        ...(agent === undefined ? [] : [`-javaagent:${join(this.#options.library, agent)}`]),
        '-Dio.netty.tryReflectionSetAccessible=true',
        '-Dio.netty.eventLoopThreads=2',
        `-Dcassandra.config=file://${join(directory, 'conf', 'cassandra.yaml')}`,
        `-Dcassandra.storagedir=${join(directory, 'data')}`,
        `-Dcassandra.logdir=${join(directory, 'logs')}`,
        `-Dlogback.configurationFile=${join(directory, 'conf', 'logback.xml')}`,
        `-Dcassandra.jmx.local.port=${this.#ports.jmx + number - 1}`,
        '-Djava.rmi.server.hostname=127.0.0.1',
        ...['ring_delay_ms=2000', 'skip_wait_for_gossip_to_settle=0', 'superuser_setup_delay_ms=0'].map(
          (setting) => `-Dcassandra.${setting}`,
        ),
        '-Dcassandra-foreground=yes',
        ...['-cp', this.#classPath(directory), 'org.apache.cassandra.service.CassandraDaemon'],
      ],
      { stdio: ['ignore', log, log] },
    )
    const endWithUs = (): void => void child.kill('SIGKILL')
    process.once('exit', endWithUs)
    child.once('exit', () => process.removeListener('exit', endWithUs))
    this.#processes.set(number, child)
  }

  #classPath(directory: string): string {
    return `${join(directory, 'conf')}:${join(this.#options.library, '*')}`
  }

  async #listening({ number, address, directory }: ClusterNode): Promise<void> {
    const deadlineMs = performance.now() + readySecondsMax * 1000
    while (!(await accepts(address))) {
      const child = this.#processes.get(number)
      if (child?.exitCode !== null || performance.now() > deadlineMs)
        throw new Error(`Cassandra node ${number} does not start:\n${lastLines(directory)}`)
      await sleep(200)
    }
  }

  async #end(number: number, signal: NodeJS.Signals): Promise<void> {
    const child = this.#processes.get(number)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    // A stopped process takes its end when it goes on.
    child.kill('SIGCONT')
    await ended
  }
}

/** Whether somebody takes connections for queries there. */
function accepts(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: nativePort })
    const tell = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => tell(true)).once('error', () => tell(false))
  })
}

function lastLines(directory: string): string {
  const file = join(directory, 'logs', 'stdout.log')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-30).join('\n') : ''
}
