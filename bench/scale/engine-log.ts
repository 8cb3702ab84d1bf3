/** One stretch of work that the engine did in its background thread, in milliseconds since 1970. */
export type EngineWork = {
  readonly kind: 'flush' | 'compaction'
  readonly fromMs: number
  readonly untilMs: number
  readonly what: string
}

/**
 * Reads flushes and compactions from LevelDB's own log (`LOG` in its directory), which has one line when each begins and one
 * when it ends. Work that the log does not see end lasts until its last line. Times are the machine's local ones.
 */
export function parseEngineLog(text: string): readonly EngineWork[] {
  const works: EngineWork[] = []
  const open = new Map<EngineWork['kind'], { readonly fromMs: number; readonly what: string }>()
  let lastMs = 0
  for (const line of text.split('\n')) {
    const atMs = timeOf(line)
    if (atMs === undefined) continue
    lastMs = atMs
    for (const { kind, begins, ends } of marks) {
      const beginning = begins.exec(line)
      if (beginning !== null) open.set(kind, { fromMs: atMs, what: beginning[0] })
      const begun = open.get(kind)
      if (begun === undefined || !ends.test(line)) continue
      works.push({ kind, ...begun, untilMs: atMs })
      open.delete(kind)
    }
  }
  for (const [kind, begun] of open) works.push({ kind, ...begun, untilMs: lastMs })
  return works.sort((left, right) => left.fromMs - right.fromMs)
}

const marks = [
  { kind: 'flush', begins: /Level-0 table #\d+: started/, ends: /Level-0 table #\d+: \d+ bytes/ },
  {
    kind: 'compaction',
    begins: /Compacting \d+@\d+ \+ \d+@\d+ files/,
    ends: /compacted to:|Compaction error|Aborting compaction/,
  },
] as const

const stamp = /^(\d{4})\/(\d\d)\/(\d\d)-(\d\d):(\d\d):(\d\d)\.(\d{3})/

function timeOf(line: string): number | undefined {
  const parts = stamp.exec(line)?.slice(1).map(Number)
  if (parts === undefined) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0] = parts
  return new Date(year, month - 1, day, hour, minute, second, millisecond).getTime()
}
