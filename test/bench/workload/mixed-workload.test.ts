import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMixedWorkload, type MixedWorkloadOptions } from '../../../bench/workload/mixed-workload.ts'
import { type Operation, ordinalsOf } from '../../../bench/workload/operation.ts'
import { isMutable } from '../../../bench/workload/ordinal-classes.ts'
import { presets } from '../../../bench/workload/presets/index.ts'
import type { Preset } from '../../../bench/workload/presets/preset.ts'
import { hasState } from '../../../bench/workload/record-generator.ts'
import { createPrng, type Prng } from '../../../src/support/prng.ts'

const writing: Preset = {
  name: 'writing',
  description: 'Every operation often, on few identifiers',
  mix: {
    resolve: 0.2,
    'resolve-type': 0.1,
    'resolve-index': 0.1,
    absent: 0.05,
    register: 0.1,
    bulk: 0.05,
    'value-add': 0.05,
    'value-put': 0.15,
    'value-delete': 0.1,
    delete: 0.1,
  },
  bulkItems: 5,
  distribution: { name: 'zipfian', exponent: 0.99 },
}
const newest: Preset = { ...writing, distribution: { name: 'latest', exponent: 0.99 } }

const runs = fc.record({
  preset: fc.constantFrom(writing, newest, ...Object.values<Preset>(presets)),
  identifiers: fc.integer({ min: 1, max: 300 }),
  seed: fc.nat(),
  workers: fc.integer({ min: 1, max: 4 }),
  registeredBefore: fc.nat({ max: 1000 }),
  rewrittenMax: fc.integer({ min: 1, max: 20 }),
  registeredMax: fc.integer({ min: 1, max: 50 }),
})

test('every answer has one true value, however requests overlap, fail and are dealt to workers', () => {
  fc.assert(
    fc.property(runs, ({ registeredBefore, workers, ...run }) => {
      const registrationBase = run.identifiers + registeredBefore
      const node = new OverlappingNode(run.identifiers, createPrng(run.seed + 1))
      const shares = Array.from({ length: workers }, (_, worker) =>
        createMixedWorkload({ ...run, registrationBase, worker, workers }),
      )
      const prng = createPrng(run.seed + 2)
      for (let step = 0; step < 600; step++) {
        const worker = prng.nextBelow(workers)
        const operation = shares[worker]?.next()
        if (operation === undefined) throw new Error('a mix never ends')
        expect(operation.ordinal < run.identifiers || operation.ordinal >= registrationBase).toBe(true)
        node.send(worker, operation)
        while (node.inFlight > prng.nextBelow(20)) {
          const { from, sent, ok } = node.answerOne()
          shares[from]?.settled?.(sent, ok)
        }
      }
    }),
    { numRuns: 150 },
  )
})

describe('shares', () => {
  test.each(Object.values<Preset>(presets))('operations of $name come in the shares of the mix', (preset) => {
    const operations = drawSettled({ preset, identifiers: 100_000, seed: 1, worker: 0, workers: 1 }, 50_000)
    for (const [kind, share] of Object.entries(preset.mix)) {
      const count = operations.filter((operation) => operation.kind === kind).length
      expect(Math.abs(count / operations.length - share)).toBeLessThan(0.02)
    }
  })

  test('workers of one seed agree on what is popular, and draw streams of their own', () => {
    const [one, other] = [0, 1].map((worker) => {
      return drawSettled(
        { preset: presets.traceability, identifiers: 10_000, seed: 4, worker, workers: 2 },
        20_000,
      )
    })
    expect(mostRead(one ?? [])).toBe(mostRead(other ?? []))
    expect(one?.slice(0, 100)).not.toEqual(other?.slice(0, 100))
  })

  test('one seed gives one stream', () => {
    const options = { preset: writing, identifiers: 500, seed: 6, worker: 0, workers: 1 }
    expect(drawSettled(options, 2000)).toEqual(drawSettled(options, 2000))
  })
})

describe('mutations', () => {
  test('mutations lead from state to state: a put to a record with a state, a deletion to one without', () => {
    const operations = drawSettled(
      { preset: writing, identifiers: 2000, seed: 2, worker: 0, workers: 1 },
      5000,
    )
    const puts = operations.filter(({ kind }) => kind === 'value-put')
    const additions = operations.filter(({ kind }) => kind === 'value-add')
    const deletions = operations.filter(({ kind }) => kind === 'value-delete')
    expect(puts.length).toBeGreaterThan(500)
    expect(additions.length).toBeGreaterThan(100)
    expect(additions.every(({ revision }) => hasState(revision))).toBe(true)
    expect(deletions.length).toBeGreaterThan(200)
    expect(puts.every(({ revision }) => hasState(revision))).toBe(true)
    expect(deletions.every(({ revision }) => !hasState(revision))).toBe(true)
  })

  test('what was rewritten is read again, in its new revision', () => {
    const operations = drawSettled(
      { preset: writing, identifiers: 200, seed: 2, worker: 0, workers: 1 },
      5000,
    )
    expect(operations.some(({ kind, revision }) => kind === 'resolve' && revision > 0)).toBe(true)
  })
})

describe('registrations', () => {
  test('workers register different identifiers, beyond what was registered before', () => {
    const ordinals = [0, 1, 2].flatMap((worker) => {
      const share = { preset: writing, identifiers: 100, seed: 3, worker, workers: 3, registrationBase: 1000 }
      return drawSettled(share, 1000).flatMap((operation) =>
        operation.kind === 'register' || operation.kind === 'bulk' ? ordinalsOf(operation) : [],
      )
    })
    expect(new Set(ordinals).size).toBe(ordinals.length)
    expect(Math.min(...ordinals)).toBe(1000)
  })

  test('what was registered is read where the newest are popular, unless its registration failed', () => {
    const options = { preset: newest, identifiers: 100, seed: 3, worker: 0, workers: 1 }
    const reads = (ok: boolean) =>
      drawSettled(options, 2000, ok).filter(({ kind, ordinal }) => kind === 'resolve' && ordinal >= 100)
    expect(reads(true).length).toBeGreaterThan(100)
    expect(reads(false)).toEqual([])
  })

  test('registering within the loaded identifiers is refused', () => {
    const options = {
      preset: writing,
      identifiers: 100,
      seed: 3,
      worker: 0,
      workers: 1,
      registrationBase: 99,
    }
    expect(() => createMixedWorkload(options)).toThrow('beyond the loaded identifiers')
  })
})

type InFlight = { readonly from: number; readonly sent: Operation }

/** A node that answers in any order, fails now and then, and states where two requests would race. */
class OverlappingNode {
  readonly #identifiers: number
  readonly #prng: Prng
  readonly #inFlight: InFlight[] = []
  /** Mutations given up, which may take effect at any time from then on. */
  readonly #undecided = new Set<number>()
  /** Revisions that this run caused; before that, a mutable identifier is as an earlier run left it. */
  readonly #revisions = new Map<number, number | 'deleted'>()

  constructor(identifiers: number, prng: Prng) {
    this.#identifiers = identifiers
    this.#prng = prng
  }

  get inFlight(): number {
    return this.#inFlight.length
  }

  send(from: number, sent: Operation): void {
    for (const ordinal of namesRecord(sent) ? ordinalsOf(sent) : []) this.#assertAnswerable(sent, ordinal)
    this.#inFlight.push({ from, sent })
  }

  answerOne(): InFlight & { readonly ok: boolean } {
    const [answered] = this.#inFlight.splice(this.#prng.nextBelow(this.#inFlight.length), 1)
    if (answered === undefined) throw new Error('something is in flight')
    const { kind, revision } = answered.sent
    const ok = this.#prng.nextDouble() < 0.95
    if (!isRead(answered.sent) && namesRecord(answered.sent)) {
      for (const ordinal of ordinalsOf(answered.sent)) {
        if (ok) this.#revisions.set(ordinal, kind === 'delete' ? 'deleted' : revision)
        else this.#undecided.add(ordinal)
      }
    }
    return { ...answered, ok }
  }

  #assertAnswerable(sent: Operation, ordinal: number): void {
    const { kind, revision } = sent
    const same = this.#inFlight.filter(
      (other) => ordinalsOf(other.sent).includes(ordinal) && namesRecord(other.sent),
    )
    const racing = isRead(sent) ? same.filter((other) => !isRead(other.sent)) : same
    expect(racing).toEqual([])
    expect(this.#undecided).not.toContain(ordinal)
    const loaded = ordinal < this.#identifiers
    const known =
      this.#revisions.get(ordinal) ?? (loaded ? (isMutable(ordinal) ? 'as left' : 0) : 'unregistered')
    if (isRead(sent)) expect(known).toBe(revision)
    else if (kind === 'register' || kind === 'bulk') expect(known).toBe('unregistered')
    else if (kind === 'delete') expect([known, loaded]).toEqual([0, false])
    else expect(loaded && isMutable(ordinal)).toBe(true)
    if (kind === 'value-add') expect(typeof known === 'number' && !hasState(known)).toBe(true)
    if (kind === 'value-delete') expect(typeof known === 'number' && hasState(known)).toBe(true)
  }
}

test('phases over the same identifiers agree on which are popular and draw anew', () => {
  const options = { preset: presets['ycsb-c'], identifiers: 10_000, seed: 42, worker: 0, workers: 2 }
  const drawn = (phase?: number) => drawSettled({ ...options, phase }, 5000)
  const [first, second] = [drawn(0), drawn(1)]
  expect(drawn()).toEqual(first)
  expect(mostRead(second)).toBe(mostRead(first))
  const inOrder = first.filter(({ ordinal }, place) => ordinal === second[place]?.ordinal)
  expect(inOrder.length).toBeLessThan(first.length / 10)
  // Worker 1 of a phase is not worker 0 of another.
  const other = drawSettled({ ...options, worker: 1 }, 5000)
  expect(other.filter(({ ordinal }, place) => ordinal === second[place]?.ordinal).length).toBeLessThan(500)
})

/** Whether its answer depends on the state of one record. */
test.each(['loop', 'shot-noise', 'mixture'] as const)(
  'a later phase asks for other identifiers than the first by %s',
  (name) => {
    const preset: Preset = { ...presets['ycsb-c'], distribution: { name, exponent: 0.2 } }
    const asked = (phase: number, worker = 0) =>
      drawSettled({ preset, identifiers: 1_000_000, seed: 42, worker, workers: 2, phase }, 20_000).map(
        ({ ordinal }) => ordinal,
      )
    const first = new Set(asked(0))
    const again = asked(1).filter((ordinal) => first.has(ordinal)).length
    // Zipf's part of a mixture meets itself again; what walks or is new does not.
    expect(again / 20_000).toBeLessThan(0.1)
    if (name !== 'loop') return
    // Whoever owns a mutable one reads its neighbour in its place, which may be the other's.
    const both = asked(0, 1).filter((ordinal) => first.has(ordinal)).length
    expect(both / 20_000).toBeLessThan(0.2)
  },
)

test('a crowd is there in about a tenth of the phases, however short they are', () => {
  const preset: Preset = { ...presets.traceability, mix: { resolve: 1 } }
  const crowded = Array.from({ length: 200 }, (_, phase) => {
    const asked = drawSettled({ preset, identifiers: 1_000_000, seed: 42, worker: 0, workers: 1, phase }, 400)
    const most = Math.max(
      ...[...Map.groupBy(asked, ({ ordinal }) => ordinal).values()].map(({ length }) => length),
    )
    return most / asked.length > 0.05
  })
  const share = crowded.filter(Boolean).length / crowded.length
  expect(share).toBeGreaterThan(0.04)
  expect(share).toBeLessThan(0.2)
})

function namesRecord({ kind }: Operation): boolean {
  return kind !== 'absent' && kind !== 'list'
}

function isRead({ kind }: Operation): boolean {
  return kind === 'resolve' || kind === 'resolve-type' || kind === 'resolve-index'
}

function drawSettled(options: MixedWorkloadOptions, count: number, ok = true): Operation[] {
  const workload = createMixedWorkload(options)
  return Array.from({ length: count }, () => {
    const operation = workload.next()
    if (operation === undefined) throw new Error('a mix never ends')
    workload.settled?.(operation, ok)
    return operation
  })
}

function mostRead(operations: readonly Operation[]): number | undefined {
  const counts = new Map<number, number>()
  for (const { ordinal } of operations) counts.set(ordinal, (counts.get(ordinal) ?? 0) + 1)
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0]
}
