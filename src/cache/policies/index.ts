import type { PolicyFactory } from '../policy.ts'
import { Arc } from './arc.ts'
import { Clock } from './clock.ts'
import { Fifo } from './fifo.ts'
import { Gdsf } from './gdsf.ts'
import { Hyperbolic } from './hyperbolic.ts'
import { Lfu } from './lfu.ts'
import { LfuDynamicAging } from './lfu-da.ts'
import { Lirs } from './lirs.ts'
import { Lru } from './lru.ts'
import { Lru2 } from './lru-2.ts'
import { RandomReplacement } from './random.ts'
import { S3Fifo } from './s3-fifo.ts'
import { Sieve } from './sieve.ts'
import { Slru } from './slru.ts'
import { TwoQ } from './two-q.ts'
import { WTinyLfu } from './w-tinylfu.ts'

/** Every policy with its parameters' defaults, by the name used in config, in reports and in the simulator. */
export const policies = {
  fifo: row({}, (context) => new Fifo(context)),
  lru: row({}, (context) => new Lru(context)),
  clock: row({ bits: 1 }, (context, parameters) => new Clock(context, parameters)),
  sieve: row({}, (context) => new Sieve(context)),
  's3-fifo': row(
    { smallRatio: 0.1, ghostRatio: 0.9, threshold: 2, fillMainFirst: 1 },
    (context, parameters) => new S3Fifo(context, parameters),
  ),
  slru: row({ segments: 4 }, (context, parameters) => new Slru(context, parameters)),
  '2q': row({ inRatio: 0.25, outRatio: 0.5 }, (context, parameters) => new TwoQ(context, parameters)),
  arc: row({ byWeight: 0 }, (context, parameters) => new Arc(context, parameters)),
  lirs: row({ longRatio: 0.01, stackRatio: 2 }, (context, parameters) => new Lirs(context, parameters)),
  'w-tinylfu': row(
    { windowRatio: 0.01, protectedRatio: 0.8 },
    (context, parameters) => new WTinyLfu(context, parameters),
  ),
  lfu: row({}, (context) => new Lfu(context)),
  'lfu-da': row({}, (context) => new LfuDynamicAging(context)),
  'lru-2': row({}, (context) => new Lru2(context)),
  gdsf: row({}, (context) => new Gdsf(context)),
  hyperbolic: drawing(
    row({ samples: 64, perByte: 0 }, (context, parameters) => new Hyperbolic(context, parameters)),
  ),
  random: drawing(row({}, (context) => new RandomReplacement(context))),
} as const satisfies Record<string, PolicyFactory>

export type PolicyName = keyof typeof policies

/** Infers a row's parameters from its defaults, so that each policy states what it takes once. */
function row<const Parameters extends Readonly<Record<string, number>>>(
  parameters: Parameters,
  create: PolicyFactory<Widened<Parameters>>['create'],
): PolicyFactory<Widened<Parameters>> {
  return { parameters, create }
}

/** A row whose policy draws lots. */
function drawing<Row extends object>(policy: Row): Row & { readonly drawsLots: true } {
  return { ...policy, drawsLots: true }
}

type Widened<Parameters> = { readonly [Name in keyof Parameters]: number }
