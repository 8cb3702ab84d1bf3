import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/support/clock.ts'
import type { CommandContext } from '../cli/command-context.ts'
import { startProgress } from '../cli/progress.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { processUsage } from '../measure/process-usage.ts'
import { readableJson, writeResult } from '../report/result-files.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import { measureTree, type TreeResultRow, type TreeRun } from '../tree/measure-tree.ts'
import { delegate, loadPlace, startPlace, type TreeNode, upstreamOf } from '../tree/tree-node.ts'
import type { TreeFlags } from '../tree/tree-options.ts'
import { placesOf, type TreePlace } from '../tree/tree-places.ts'
import { arithmeticOf, onePath, type TreeReport, treeMarkdown } from '../tree/tree-report.ts'

/** `erji-bench tree`: a whole tree of nodes as processes on loopback addresses, asked through a recursive node. */
export async function runTree(flags: TreeFlags, context: CommandContext): Promise<ExitCode> {
  const startedAt = new Date(systemClock.nowMs()).toISOString()
  const directory = mkdtempSync(join(tmpdir(), 'erji-tree-'))
  const nodes: TreeNode[] = []
  try {
    const places = placesOf(flags)
    const loaded = await loadAll(places, { directory, flags, context })
    await startAll(places, { directory, flags, context, nodes })
    const rows = context.signal.aborted ? [] : await measureAll(nodes, { directory, flags, context })
    const report: TreeReport = {
      treeSchemaVersion: 1,
      startedAt,
      command: context.command,
      config: flags,
      environment: collectEnvironment(),
      processes: nodes.length,
      identifiers: places.reduce((sum, { identifiers }) => sum + identifiers, 0),
      storeBytesPerRecord: loaded.bytesPerRecord,
      residentMebibytes: residentOf(nodes),
      rows,
      arithmetic: arithmeticOf({
        storeBytesPerRecord: loaded.bytesPerRecord,
        loadPerSecond: loaded.perSecond,
        rows,
      }),
    }
    return write(report, flags.out, context)
  } finally {
    await Promise.all(nodes.map((node) => node.process.stop()))
    rmSync(directory, { recursive: true, force: true })
  }
}

type Parts = { readonly directory: string; readonly flags: TreeFlags; readonly context: CommandContext }

async function loadAll(
  places: readonly TreePlace[],
  { directory, flags, context }: Parts,
): Promise<{ readonly bytesPerRecord: number; readonly perSecond: number }> {
  const loading = places.filter(({ identifiers }) => identifiers > 0)
  const total = loading.reduce((sum, { identifiers }) => sum + identifiers, 0)
  const { signal, stream } = context
  const progress = startProgress({ label: 'load', total, unit: 'identifiers', clock: systemClock, stream })
  const startNs = systemClock.nowNs()
  let done = 0
  let bytes = 0
  try {
    for (const place of loading) {
      if (signal.aborted) break
      const quiet = { write: () => true } as unknown as NodeJS.WriteStream
      const parts = { directory, seed: flags.seed, clock: systemClock, signal, stream: quiet }
      bytes += (await loadPlace(place, parts)) * place.identifiers
      done += place.identifiers
      progress.update(done, place.name)
    }
  } finally {
    progress.stop()
  }
  const seconds = (systemClock.nowNs() - startNs) / 1e9
  return { bytesPerRecord: done === 0 ? 0 : bytes / done, perSecond: done / seconds }
}

const startedAtOnce = 4

/** The tree from its top, then who gave whom its prefix, then the recursive node that asks the top. */
async function startAll(
  places: readonly TreePlace[],
  { directory, flags, context, nodes }: Parts & { readonly nodes: TreeNode[] },
): Promise<void> {
  const { signal, stream } = context
  const above = places.filter(({ role }) => role !== 'recursive')
  const progress = startProgress({
    label: 'start',
    total: places.length,
    unit: 'nodes',
    clock: systemClock,
    stream,
  })
  try {
    for (let from = 0; from < above.length && !signal.aborted; from += startedAtOnce) {
      const some = above.slice(from, from + startedAtOnce)
      nodes.push(...(await Promise.all(some.map((place) => startPlace(place, { directory })))))
      progress.update(nodes.length)
    }
    const top = nodeOf(nodes, 'top')
    const secondaries = nodes.filter(({ place }) => place.role === 'secondary')
    for (const node of nodes) {
      const superior = node.place.role === 'secondary' ? top : secondaries[node.place.above ?? -1]
      if (node !== top && superior !== undefined) await delegate(superior, node, flags.transport)
    }
    const recursive = places.find(({ role }) => role === 'recursive')
    if (recursive !== undefined && !signal.aborted)
      nodes.push(await startPlace(recursive, { directory, settings: recursiveSettings(top, flags) }))
    progress.update(nodes.length)
  } finally {
    progress.stop()
  }
}

function recursiveSettings(top: TreeNode, flags: TreeFlags): Readonly<Record<string, string>> {
  return {
    recursive: 'on',
    upstream: upstreamOf(top, flags.transport),
    'recursive-networks': '127.0.0.0/8',
    'recursive-timeout': '1s',
    // Each path from the top, so that every referral is measured.
    'recursive-referral-ttl': '0s',
  }
}

/** Paths first, while all are up; then with an enterprise node gone, then with a secondary node that does not answer. */
async function measureAll(
  nodes: readonly TreeNode[],
  { directory, flags, context }: Parts,
): Promise<TreeResultRow[]> {
  const { rate, duration, seed } = flags
  const { signal, stream } = context
  const rows: TreeResultRow[] = []
  const run: TreeRun = {
    nodes,
    recursive: nodeOf(nodes, 'recursive'),
    ratePerSecond: rate,
    durationSeconds: duration,
    seed,
    clock: systemClock,
    signal,
  }
  const placesIn = (role: TreePlace['role']) =>
    nodes.filter(({ place }) => place.role === role).map(({ place }) => place)
  const secondaries = placesIn('secondary')
  const enterprises = placesIn('enterprise')
  /** So many of each place are asked in one measurement. */
  const share = (places: readonly TreePlace[]) =>
    Math.ceil((rate * duration * 1.2) / Math.max(1, places.length))
  const measure = async (
    name: string,
    asked: Parameters<typeof measureTree>[1],
    with_: TreeRun = run,
  ): Promise<void> => {
    if (signal.aborted || asked.places.length === 0) return
    stream.write(`${name} …\n`)
    rows.push(await measureTree(name, asked, with_))
  }
  await measure('warm-up', { places: secondaries, from: 0, count: 20 })
  await measure(onePath, { places: secondaries, from: 1000, count: share(secondaries) })
  await measure('two referrals (top → secondary → enterprise)', {
    places: enterprises,
    from: 1000,
    count: share(enterprises),
  })
  const knowing = await startPlace(
    { ...run.recursive.place, host: '127.0.0.5', prefix: '88.997' },
    {
      directory,
      settings: { ...recursiveSettings(nodeOf(nodes, 'top'), flags), 'recursive-referral-ttl': '5m' },
    },
  )
  try {
    const others = nodes.filter(({ place }) => place.role !== 'recursive')
    await measure(
      'no referral: the site of each prefix is known',
      {
        places: [...secondaries, ...enterprises],
        from: 2000,
        count: share([...secondaries, ...enterprises]),
      },
      { ...run, recursive: knowing, nodes: [...others, knowing] },
    )
  } finally {
    await knowing.process.stop()
  }
  await measure('cached at the recursive node', {
    places: [...secondaries, ...enterprises],
    from: 1000,
    count: 100,
  })

  const impatient = await startPlace(
    { ...run.recursive.place, host: '127.0.0.4', prefix: '88.998' },
    { directory, settings: { ...recursiveSettings(nodeOf(nodes, 'top'), flags), 'recursive-ttl-max': '2s' } },
  )
  try {
    const short = {
      ...run,
      recursive: impatient,
      nodes: [...nodes.filter(({ place }) => place.role !== 'recursive'), impatient],
    }
    await measureFaults(short, { measure, secondaries, enterprises })
  } finally {
    await impatient.process.stop()
  }
  return rows
}

type Measure = (name: string, asked: Parameters<typeof measureTree>[1], run: TreeRun) => Promise<void>

/** At a recursive node that keeps answers for two seconds, so that what it gives later is stale, not fresh. */
async function measureFaults(
  run: TreeRun,
  parts: {
    readonly measure: Measure
    readonly secondaries: readonly TreePlace[]
    readonly enterprises: readonly TreePlace[]
  },
): Promise<void> {
  const { measure, secondaries, enterprises } = parts
  const known = { from: 3000, count: 50 }
  const gone = run.nodes.find(({ place }) => place.role === 'enterprise')
  if (gone !== undefined) {
    await measure('known identifiers of an enterprise node', { places: [gone.place], ...known }, run)
    await gone.process.kill()
    await measure(
      'the same, the enterprise node killed (answers are old)',
      { places: [gone.place], ...known },
      run,
    )
    await measure(
      'unknown identifiers of the killed enterprise node',
      { places: [gone.place], from: 5000, count: Math.min(5000, gone.place.identifiers - 5000) },
      run,
    )
    const others = enterprises.filter(({ prefix }) => prefix !== gone.place.prefix)
    await measure('other enterprise nodes meanwhile', { places: others, from: 6000, count: 500 }, run)
  }
  const silent = run.nodes.find(({ place }) => place.role === 'secondary')
  if (silent === undefined) return
  await measure('known identifiers of a secondary node', { places: [silent.place], ...known }, run)
  process.kill(silent.process.pid, 'SIGSTOP')
  try {
    await measure(
      'the same, the secondary node stopped (answers are old)',
      { places: [silent.place], ...known },
      run,
    )
    await measure(
      'unknown identifiers of the stopped secondary node',
      { places: [silent.place], from: 9000, count: Math.min(5000, silent.place.identifiers - 9000) },
      run,
    )
    const others = secondaries.filter(({ prefix }) => prefix !== silent.place.prefix)
    await measure('other secondary nodes meanwhile', { places: others, from: 9000, count: 1000 }, run)
  } finally {
    process.kill(silent.process.pid, 'SIGCONT')
  }
}

function nodeOf(nodes: readonly TreeNode[], role: TreePlace['role']): TreeNode {
  const node = nodes.find(({ place }) => place.role === role)
  if (node === undefined) throw new Error(`the tree has no ${role} node`)
  return node
}

function residentOf(nodes: readonly TreeNode[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { place, process } of nodes)
    sums[place.role] =
      (sums[place.role] ?? 0) + Math.round((processUsage(process.pid)?.residentBytes ?? 0) / 2 ** 20)
  return sums
}

async function write(report: TreeReport, out: string, context: CommandContext): Promise<ExitCode> {
  const paths = await writeResult({
    ...{ directory: out, startedAt: report.startedAt, name: 'tree' },
    files: [
      ['.json', () => readableJson(report)],
      ['.md', () => treeMarkdown(report)],
    ],
  })
  process.stdout.write(`${treeMarkdown(report)}\n${paths.join('\n')}\n`)
  if (context.signal.aborted) return exitCodes.invalid
  return report.rows.some(({ wrong }) => wrong > 0) ? exitCodes.failed : exitCodes.passed
}
