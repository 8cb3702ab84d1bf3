import { LRUCache } from 'lru-cache'
import { HandleError } from '../errors.ts'
import { foldAscii, type Handle, parseHandle } from '../identifier/handle.ts'
import { encodeRecord } from '../identifier/record-encoding.ts'
import { isService, sitesIn } from '../identifier/site-data.ts'
import type { HandleValue } from '../identifier/value.ts'
import type { Clock } from '../support/clock.ts'
import type { PublishedMetric } from '../support/published-metric.ts'
import { addressesOfSite, referralGuard, type UpstreamAddress, upstreamName } from './upstream-address.ts'
import { type UpstreamAnswer, UpstreamError } from './upstream-answer.ts'
import { Upstreams } from './upstreams.ts'

export type RecursionOptions = {
  /** Asked first, in this order: a national top node, or another that knows it. */
  readonly upstreams: readonly UpstreamAddress[]
  readonly timeoutMs: number
  /** No answer is kept longer, whatever its own ttl is. */
  readonly ttlSecondsMax: number
  /** For so long a prefix is asked for where the last referral led; 0 asks from the top each time. */
  readonly referralSecondsMax: number
  /** For so long an old answer is better than none. */
  readonly staleSecondsMax: number
  /** Networks beside the public ones that referrals may lead into. */
  readonly networks: readonly string[]
  readonly clock: Clock
}

/** What recursion found: the encoded record, or undefined for a handle that nobody has. */
export type FoundElsewhere = { readonly encoded: Uint8Array | undefined; readonly ttlSecondsMax: number }

/** Referrals that are followed for one handle, service handles included. */
const referralsMax = 10
const staleEntriesMax = 50_000
const sitesMax = 10_000
/** A stale answer is given this long before the other nodes are asked again. */
const staleRetrySeconds = 5

/**
 * Resolves handles of other nodes as a recursive node (递归节点) does: asks upwards, follows referrals over the wire or HTTP until a
 * node answers, and falls back to what it knew when none does.
 */
export class Recursion {
  readonly #options: RecursionOptions
  readonly #upstreams: Upstreams
  readonly #mayBeAsked: (host: string) => boolean
  readonly #lastKnown = new LRUCache<string, { readonly encoded: Uint8Array; readonly atMs: number }>({
    max: staleEntriesMax,
  })
  /** Where prefixes were found last, so that the nodes above are not asked for each of their handles. */
  readonly #sites = new LRUCache<
    string,
    { readonly addresses: readonly UpstreamAddress[]; readonly atMs: number }
  >({
    max: sitesMax,
  })
  readonly #counts = { resolutions: 0, referrals: 0, stale: 0, failures: 0 }

  constructor(options: RecursionOptions) {
    this.#options = options
    this.#upstreams = new Upstreams(options)
    this.#mayBeAsked = referralGuard(options.networks)
  }

  /**
   * `known` are values of a referral that this node itself would give. The answer is for everybody who asks at the same time.
   * @throws HandleError NOT_RESPONSIBLE where no node is, UPSTREAM_UNAVAILABLE where none answers, REFERRAL_LOOP.
   */
  async resolve(handle: Handle, known: readonly HandleValue[] | undefined): Promise<FoundElsewhere> {
    this.#counts.resolutions++
    try {
      const answer = (await this.#fromKnownSite(handle)) ?? (await this.#fromTheTop(handle, known))
      if (answer.kind === 'absent') return { encoded: undefined, ttlSecondsMax: this.#options.ttlSecondsMax }
      const encoded = encodeRecord({ handle: handle.text, values: answer.values })
      this.#lastKnown.set(handle.key, { encoded, atMs: this.#options.clock.nowMs() })
      return { encoded, ttlSecondsMax: this.#options.ttlSecondsMax }
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      return this.#staleOr(handle, error)
    }
  }

  metrics(): PublishedMetric[] {
    const counter = (name: string, help: string, value: number): PublishedMetric => ({
      name,
      help,
      kind: 'counter',
      samples: [{ labels: {}, value }],
    })
    const { resolutions, referrals, stale, failures } = this.#counts
    return [
      counter(
        'erji_recursion_resolutions_total',
        'Handles of other nodes that were asked for there',
        resolutions,
      ),
      counter('erji_recursion_referrals_total', 'Referrals that were followed', referrals),
      counter('erji_recursion_stale_total', 'Old answers given because no node answered', stale),
      counter('erji_recursion_failures_total', 'Resolutions that no node answered', failures),
      ...this.#upstreams.metrics(),
    ]
  }

  close(): Promise<void> {
    return this.#upstreams.close()
  }

  /** Undefined where nothing is known of the prefix, or what is known does not hold any more. */
  async #fromKnownSite(handle: Handle): Promise<Answered | undefined> {
    const site = this.#sites.get(handle.prefix)
    const { clock, referralSecondsMax } = this.#options
    if (site === undefined || clock.nowMs() - site.atMs >= referralSecondsMax * 1000) return undefined
    try {
      const answer = await this.#askAny(site.addresses, handle.text, newWalk())
      if (answer.kind === 'found' || answer.kind === 'absent') return answer
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
    }
    this.#sites.delete(handle.prefix)
    return undefined
  }

  async #fromTheTop(handle: Handle, known: readonly HandleValue[] | undefined): Promise<Answered> {
    const walk = newWalk()
    const start = known === undefined ? this.#options.upstreams : await this.#addressesOf(known, walk)
    const answer = await this.#walk(start, handle.text, walk)
    const { clock, referralSecondsMax } = this.#options
    if (referralSecondsMax > 0 && walk.lastAddresses !== undefined)
      this.#sites.set(handle.prefix, { addresses: walk.lastAddresses, atMs: clock.nowMs() })
    return answer
  }

  async #walk(start: readonly UpstreamAddress[], handle: string, walk: Walk): Promise<Answered> {
    let addresses = start
    for (;;) {
      const answer = await this.#askAny(addresses, handle, walk)
      if (answer.kind === 'found' || answer.kind === 'absent') return answer
      if (answer.kind === 'not-responsible')
        throw new HandleError('NOT_RESPONSIBLE', `no node that was asked is responsible for "${handle}"`)
      this.#counts.referrals++
      addresses = await this.#addressesOf(answer.values, walk)
    }
  }

  /** The first answer of several servers that should all know the same. */
  async #askAny(addresses: readonly UpstreamAddress[], handle: string, walk: Walk): Promise<UpstreamAnswer> {
    let failure = new UpstreamError(`nobody can be asked for "${handle}"`)
    for (const address of addresses) {
      const step = `${upstreamName(address)} ${foldAscii(handle)}`
      if (walk.seen.has(step)) throw loop(handle, `it comes back to ${upstreamName(address)}`)
      walk.seen.add(step)
      try {
        return await this.#upstreams.ask(address, handle)
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error
        failure = error
      }
    }
    throw failure
  }

  /** Where a referral leads: the servers of its sites, or those of the service handles that it names. */
  async #addressesOf(values: readonly HandleValue[], walk: Walk): Promise<readonly UpstreamAddress[]> {
    if (walk.referralsLeft-- <= 0) throw loop('the handle', `more than ${referralsMax} referrals`)
    const addresses = sitesIn(values).flatMap(addressesOfSite)
    for (const { data } of values.filter(isService)) {
      const service = parseHandle(Buffer.from(data).toString('utf8'))
      const answer = await this.#walk(this.#options.upstreams, service.text, walk)
      if (answer.kind === 'found') addresses.push(...sitesIn(answer.values).flatMap(addressesOfSite))
    }
    const allowed = addresses.filter(({ host }) => this.#mayBeAsked(host))
    walk.lastAddresses = allowed
    if (allowed.length > 0) return allowed
    const [refused] = addresses
    const problem =
      refused === undefined
        ? 'a referral names no server that takes queries'
        : `a referral leads to ${refused.host}, which --recursive-networks does not allow`
    throw new UpstreamError(problem)
  }

  #staleOr(handle: Handle, error: UpstreamError): FoundElsewhere {
    const known = this.#lastKnown.get(handle.key)
    const { clock, staleSecondsMax } = this.#options
    if (known !== undefined && clock.nowMs() - known.atMs <= staleSecondsMax * 1000) {
      this.#counts.stale++
      return { encoded: known.encoded, ttlSecondsMax: staleRetrySeconds }
    }
    this.#counts.failures++
    const problem = `no other node answers for "${handle.text}": ${error.message}`
    throw new HandleError('UPSTREAM_UNAVAILABLE', problem, { cause: error })
  }
}

type Answered = Extract<UpstreamAnswer, { kind: 'found' | 'absent' }>

/** One way from a first server to an answer; `lastAddresses` is where the last referral led. */
type Walk = {
  referralsLeft: number
  readonly seen: Set<string>
  lastAddresses: readonly UpstreamAddress[] | undefined
}

function newWalk(): Walk {
  return { referralsLeft: referralsMax, seen: new Set(), lastAddresses: undefined }
}

function loop(handle: string, problem: string): HandleError {
  return new HandleError('REFERRAL_LOOP', `the referrals for "${handle}" do not end: ${problem}`)
}
