import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startProgress } from '../cli/progress.ts'
import { loadIdentifiers } from '../load/load-identifiers.ts'
import { type NodeProcessOptions, startNode } from '../node/node-process.ts'
import { credentialsOf, type Identifying, recordsOf } from '../run/identifying.ts'
import { openSession, type Session, type SessionOptions } from '../run/session.ts'
import { batchDefault, concurrencyDefault, homeDerivedPrefixes, sampleDefault } from '../run/steps.ts'
import { checkOut } from './checkout.ts'
import { GateInvalidError, type SideNode } from './side.ts'

/** A side's loaded node. Whoever opens it closes it. */
export type OpenSide = SideNode & { close(): Promise<void> }

export type OpenSideOptions = Identifying & {
  /** What messages call it beside where it is. */
  readonly side: 'baseline' | 'candidate'
  /** An address, or a git reference of this repository. */
  readonly at: string
  readonly identifiers: number
  /** Takes any certificate over https. */
  readonly insecure?: boolean | undefined
  readonly cacheBytes: string
  readonly nodeWorkers: number
  /** How a node that is started here is changed: for measuring the gate itself. */
  readonly start?: Pick<NodeProcessOptions, 'runtimeArguments' | 'environment'>
  readonly signal: AbortSignal
  readonly stream: NodeJS.WriteStream
}

/** Opens a side: a running node by its address, or a node of a commit, started here; loads it either way. */
export function openSide(options: OpenSideOptions): Promise<OpenSide> {
  return /^https?:/.test(options.at) ? openRunning(options) : openCommit(options)
}

async function openRunning(options: OpenSideOptions): Promise<OpenSide> {
  const session = await openLoaded({ ...sessionOptions(options), url: options.at }, options)
  return {
    name: `${options.side} ${options.at}`,
    session,
    renew: async () => undefined,
    close: () => session.target.close(),
  }
}

/** Started from a work tree of that commit; the present tree where the reference is a dot. */
async function openCommit(options: OpenSideOptions): Promise<OpenSide> {
  const directory = mkdtempSync(join(tmpdir(), 'erji-gate-'))
  const closing: (() => Promise<unknown>)[] = [
    async () => rmSync(directory, { recursive: true, force: true }),
  ]
  const close = async (): Promise<void> => {
    for (const step of closing.reverse()) await step()
  }
  try {
    const secretFile = join(directory, 'secret')
    const node: NodeProcessOptions = {
      dataDirectory: join(directory, 'data'),
      secretFile,
      prefix: options.prefix,
      durability: 'sync',
      cacheBytes: options.cacheBytes,
      nodeWorkers: options.nodeWorkers,
      ...options.start,
    }
    if (options.at !== '.') {
      const checkout = await checkOut(options.at, { repository, directory: join(directory, 'tree') })
      closing.push(() => checkout.remove())
      Object.assign(node, { program: checkout.program })
    }
    const credentials = { ...options, secretFile }
    let started = await startNode(node)
    closing.push(() => started.stop())
    let session = await openLoaded({ ...sessionOptions(credentials), url: started.url }, options)
    closing.push(() => session.target.close())
    const renew = async (): Promise<void> => {
      await session.target.close()
      await started.stop()
      started = await startNode(node)
      session = await openSession({ ...sessionOptions(credentials), url: started.url })
    }
    return {
      name: `${options.side} ${options.at}`,
      get session() {
        return session
      },
      renew,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const repository = fileURLToPath(new URL('../..', import.meta.url))

function sessionOptions(options: OpenSideOptions): Omit<SessionOptions, 'url'> {
  const { seed, insecure, signal, stream } = options
  return { credentials: credentialsOf(options), records: recordsOf(options), seed, insecure, signal, stream }
}

async function openLoaded(session: SessionOptions, options: OpenSideOptions): Promise<Session> {
  const opened = await openSession(session)
  const label = `load ${options.at}`
  const total = options.identifiers
  const progress = startProgress({ ...opened, label, total, unit: 'identifiers' })
  try {
    await homeDerivedPrefixes(opened)
    const { phase, firstFailure, firstWrong } = await loadIdentifiers({
      ...opened,
      name: label,
      first: 0,
      identifiers: total,
      batch: batchDefault,
      concurrency: concurrencyDefault,
      sample: Math.min(total, sampleDefault),
      progress,
    })
    const problem = firstFailure ?? firstWrong
    if (phase.failed + phase.sampledWrong > 0) {
      throw new GateInvalidError(`${options.at} could not be loaded: ${problem}`)
    }
    return opened
  } catch (error) {
    await opened.target.close()
    throw error
  } finally {
    progress.stop()
  }
}
