import { Command, Option } from 'commander'
import { parseConfig, settingsFromEnvironment } from '../config.ts'
import { StartupError } from '../errors.ts'
import { storeOptions } from '../node.ts'
import { describeSetting, isRepeatable, settingNames } from '../settings.ts'
import { closeClient, waitForCassandra } from '../store/cassandra/cassandra-client.ts'
import {
  type CompactionName,
  compactions,
  listingBucketsDefault,
  type SchemaStatus,
  schemaStatus,
  schemaVersion,
  upgradeSchema,
} from '../store/cassandra/cassandra-schema.ts'
import { flagName } from '../support/flag-name.ts'

/** `erji store init|status|upgrade`: the schema of a Cassandra cluster, before nodes are pointed at it. */
export function storeCommand(): Command {
  const command = new Command('store').description(
    'make, look at or upgrade the schema of a Cassandra cluster',
  )
  command.addCommand(
    reaching(new Command('init').description('make keyspace and tables; safe to repeat'))
      .option('--replication <copies>', 'copies by data centre, such as dc1:3,dc2:3', 'dc1:3')
      .option(
        '--listing-buckets <n>',
        'partitions of the listing of one prefix',
        String(listingBucketsDefault),
      )
      .addOption(
        new Option('--compaction <strategy>', 'how tables are compacted')
          .choices(Object.keys(compactions))
          .default('unified'),
      )
      .action(init),
  )
  command.addCommand(
    reaching(
      new Command('upgrade').description('bring the schema to this version, keeping what is there'),
    ).action(upgrade),
  )
  command.addCommand(
    reaching(new Command('status').description('tell version, replication and hosts')).action(status),
  )
  return command
}

type Flags = Readonly<Record<string, unknown>> & {
  readonly replication?: string
  readonly compaction?: string
  readonly listingBuckets?: string
}

function reaching(command: Command): Command {
  for (const name of settingNames.filter((setting) => setting.startsWith('cassandra'))) {
    const placeholder = isRepeatable(name) ? '<value...>' : '<value>'
    command.addOption(new Option(`--${flagName(name)} ${placeholder}`, describeSetting(name)))
  }
  return command
}

async function init({ replication = '', compaction = '', ...others }: Flags): Promise<void> {
  const { listingBuckets: buckets = '', ...settings } = others
  const copies = copiesOf(replication)
  const listingBuckets = bucketsOf(buckets)
  await withCluster(settings, async ({ client, keyspace }) => {
    const made = await upgradeSchema(client, {
      keyspace,
      replication: copies,
      compaction: compaction as CompactionName,
      listingBuckets,
    })
    print(made)
  })
}

async function upgrade(settings: Flags): Promise<void> {
  await withCluster(settings, async ({ client, keyspace }) => {
    const { version } = await schemaStatus(client, keyspace)
    if (version === 0)
      throw new StartupError(
        'STORE_SCHEMA_MISSING',
        `keyspace "${keyspace}" is not there: run erji store init`,
      )
    print(
      await upgradeSchema(client, { keyspace, replication: {}, compaction: 'unified', listingBuckets: 0 }),
    )
  })
}

async function status(settings: Flags): Promise<void> {
  await withCluster(settings, async ({ client, keyspace }) => {
    print(await schemaStatus(client, keyspace))
    for (const host of client.hosts.values()) {
      const state = host.isUp() ? 'up' : 'DOWN'
      process.stdout.write(
        `host ${host.address} ${state}, data centre ${host.datacenter}, rack ${host.rack}\n`,
      )
    }
  })
}

function print({ keyspace, version, replication, listingBuckets }: SchemaStatus): void {
  const copies = Object.entries(replication)
    .filter(([name]) => name !== 'class')
    .map(([centre, copies]) => `${centre}:${copies}`)
  const state = version === schemaVersion ? 'current' : `this version needs ${schemaVersion}`
  process.stdout.write(
    `keyspace ${keyspace}: schema version ${version} (${state}), replication ${copies.join(',') || 'none'}, listing in ${listingBuckets} buckets\n`,
  )
}

async function withCluster(
  settings: Readonly<Record<string, unknown>>,
  use: (cluster: {
    readonly client: Awaited<ReturnType<typeof waitForCassandra>>['client']
    readonly keyspace: string
  }) => Promise<void>,
): Promise<void> {
  const { cassandra } = storeOptions(parseConfig(settings, settingsFromEnvironment(process.env)))
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const { client } = await waitForCassandra(cassandra, {
    signal: stop.signal,
    // A command says at once that nobody answers; a node waits.
    whenWaiting: (reason) => {
      throw new StartupError('STORE_UNREACHABLE', reason.replace(/^waiting for/, 'cannot reach'))
    },
  })
  try {
    await use({ client, keyspace: cassandra.keyspace })
  } finally {
    await closeClient(client)
  }
}

function bucketsOf(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= listingBucketsMax) return Number(text)
  const problem = `--listing-buckets is "${text}"; expected an integer from 1 to ${listingBucketsMax}`
  throw new StartupError('CONFIG_INVALID', problem)
}

// A page of a listing asks every bucket.
const listingBucketsMax = 4096

function copiesOf(text: string): Readonly<Record<string, number>> {
  const pairs = text.split(',').map((part) => /^([A-Za-z0-9_-]+):([1-9])$/.exec(part.trim()))
  if (pairs.some((pair) => pair === null)) {
    throw new StartupError(
      'CONFIG_INVALID',
      `--replication is "${text}"; expected copies by data centre such as dc1:3,dc2:3`,
    )
  }
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', Number(pair?.[2])]))
}
