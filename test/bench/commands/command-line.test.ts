import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, CommanderError } from 'commander'
import { afterAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { UsageError } from '../../../bench/cli/flags.ts'
import { capacityFlags, objectiveOf } from '../../../bench/commands/capacity-options.ts'
import { createCommandLine, performers } from '../../../bench/commands/command-line.ts'
import { comparePoliciesFlags } from '../../../bench/commands/compare-policies-options.ts'
import { compareFlags, gateFlags, historyFlags } from '../../../bench/commands/gate-options.ts'
import { benchFlags, loadFlags, runFlags } from '../../../bench/commands/run-options.ts'
import { serveFlags } from '../../../bench/commands/serve.ts'
import {
  convertTraceFlags,
  curveFlags,
  generateTraceFlags,
  reproduceFlags,
  simulateFlags,
  traceInfoFlags,
} from '../../../bench/commands/simulate-options.ts'
import { treeFlags } from '../../../bench/tree/tree-options.ts'
import { presetNames } from '../../../bench/workload/presets/index.ts'
import { startPlainHandleServer } from '../../support/plain-handle-server.ts'

const directory = mkdtempSync(join(tmpdir(), 'erji-cli-test-'))
afterAll(() => rmSync(directory, { recursive: true }))

const commands = {
  load: loadFlags,
  run: runFlags,
  bench: benchFlags,
  capacity: capacityFlags,
  'compare-policies': comparePoliciesFlags,
  gate: gateFlags,
  compare: compareFlags,
  history: historyFlags,
  tree: treeFlags,
  serve: serveFlags,
  simulate: simulateFlags,
  reproduce: reproduceFlags,
  curve: curveFlags,
  'trace info': traceInfoFlags,
  'trace convert': convertTraceFlags,
  'trace generate': generateTraceFlags,
}
const needed = {
  load: ['--target', 'http://127.0.0.1:1', '--identifiers', '1'],
  run: ['--target', 'http://127.0.0.1:1'],
  bench: [],
  capacity: ['--target', 'http://127.0.0.1:1'],
  'compare-policies': [],
  gate: ['--baseline', 'HEAD'],
  compare: ['a.json', 'b.json'],
  history: ['history.ndjson'],
  tree: [],
  serve: ['results'],
  simulate: ['trace.bin', '--sizes', '1%'],
  reproduce: ['result.json'],
  curve: ['trace.bin'],
  'trace info': ['trace.bin'],
  'trace convert': ['trace.bin', 'trace.csv'],
  'trace generate': ['--requests', '10', '--objects', '5', '--out', 'trace.bin'],
}

/** A wrong value of every flag that takes one, and what the error says was expected. */
const wrongValues: Readonly<Record<string, readonly (readonly [value: string, expected: string])[]>> = {
  target: [
    ['localhost', 'an address such as'],
    ['ftp://127.0.0.1', 'an address such as'],
    ['http://127.0.0.1:8000/?x=1', 'without user, query or fragment'],
    ['http://user:secret@127.0.0.1:8000/', 'without user, query or fragment'],
    ['hdl+tcp://user@127.0.0.1:2641', 'without user, query or fragment'],
    ['http://127.0.0.1:8000/#here', 'without user, query or fragment'],
  ],
  identifiers: [
    ['many', 'a whole number from 1'],
    ['0', 'a whole number from 1'],
    ['1.5', 'a whole number from 1'],
    ['-3', 'a whole number from 1'],
    ['10MB', 'a whole number from 1'],
  ],
  prefix: [
    ['', 'a prefix such as 88.118'],
    ['88/118', 'a prefix such as 88.118'],
  ],
  prefixes: [
    ['0', 'a whole number from 1 to 1000'],
    ['ten', 'a whole number from 1 to 1000'],
  ],
  seed: [
    ['x', 'a whole number from 0'],
    ['4294967296', 'from 0 to 4294967295'],
  ],
  user: [
    ['admin', 'an identity such as'],
    ['300', 'an identity such as'],
  ],
  secretFile: [['', 'the path of a file']],
  out: [['', 'the path of a directory']],
  data: [['', 'the path of a directory']],
  direct: [['', 'the path of a data directory']],
  batch: [
    ['0', 'from 1 to 100000'],
    ['100001', 'from 1 to 100000'],
  ],
  concurrency: [['257', 'from 1 to 256']],
  sample: [['-1', 'from 0 to 1000000']],
  recordSizes: [
    ['big', 'plain, preset, fixed:BYTES'],
    ['uniform:9:3', 'plain, preset, fixed:BYTES'],
  ],
  objective: [
    ['fast', 'objectives such as resolve.p99<10ms: "fast" is no objective'],
    ['resolve.p98<10ms', 'names the metric "p98"'],
    ['teleport.p99<10ms', 'names the operation "teleport"'],
    ['p99>10ms', 'expected p99<…'],
    ['p99<10', 'expected a time such as 10ms'],
    ['errors<120%', 'expected a share such as 0.01%'],
  ],
  start: [['0', 'from 1 to 10000000']],
  maximum: [['0', 'from 1 to 10000000']],
  precision: [['3', 'a share above 0 and below 1']],
  searches: [['21', 'from 1 to 20']],
  confirmations: [['0', 'from 1 to 10']],
  trialsMax: [['201', 'from 1 to 200']],
  expectedIdentifiers: [['lots', 'a whole number from 1']],
  expectedPeak: [['-1', 'a whole number from 1']],
  growth: [
    ['-5%', 'a share from 0 to 10'],
    ['1001%', 'a share from 0 to 10'],
  ],
  years: [['0', 'from 1 to 50']],
  fault: [
    ['fire@10s', 'a fault such as kill@10s or stop@5s:2s: "fire@10s" is no fault'],
    ['kill', '"kill" is no fault'],
    ['kill@soon', 'has the time "soon"'],
    ['kill@5s:2s', 'expected no duration'],
    ['stop@5s', 'expected a duration'],
  ],
  recoverWithin: [['soon', 'a duration of at least 0.1s']],
  nodeWorkers: [['0', 'from 1 to 1024']],
  format: [['papyrus', 'one of erji, lcs, oracleGeneral']],
  to: [['papyrus', 'one of erji, lcs, oracleGeneral']],
  traceTypeParams: [['columns', 'parameters such as time-col=1']],
  policies: [
    ['lru,luck', 'policies such as fifo,lru'],
    ['clock:bits=many', 'policies such as fifo,lru'],
  ],
  sizes: [
    ['small', 'sizes such as 0.1%'],
    ['0', 'sizes such as 0.1%'],
  ],
  'compare-policies.policies': [
    ['lru,luck', 'policies such as lru,sieve'],
    ['belady', 'none of them an offline optimum'],
  ],
  cache: [
    ['1GiB', 'sizes such as 0.1%'],
    ['big', 'sizes such as 0.1%'],
  ],
  'simulate.warmUp': [['5s', 'a share above 0 and below 1']],
  ttl: [['0s', 'a duration of at least 1s']],
  nodes: [['51', 'from 1 to 50']],
  enterprises: [['101', 'from 0 to 100']],
  enterpriseIdentifiers: [['0', 'from 8000 to 1000000']],
  transport: [['pigeon', 'one of tcp, http']],
  'tree.rate': [['0', 'from 1 to 100000']],
  windows: [['0', 'from 1 to 10000']],
  seeds: [['101', 'from 1 to 100']],
  requestsInMemory: [['0', 'from 1 to 1073741824']],
  threads: [['257', 'from 1 to 256']],
  method: [['guess', 'one of exact, shards']],
  'curve.rate': [['0', 'a share above 0 and below 1']],
  samples: [['0', 'from 1 to 16777216']],
  salts: [['101', 'from 1 to 100']],
  points: [['10001', 'from 1 to 10000']],
  distribution: [['normal', 'one of zipfian, uniform']],
  exponent: [
    ['0', 'above 0'],
    ['steep', 'above 0'],
  ],
  requests: [['-1', 'a whole number from 1']],
  objects: [['none', 'a whole number from 1']],
  'trace generate.out': [['', 'the path of a file']],
  profile: [['bumpy', 'one of flat, ramp, steps']],
  schedule: [['bursty', 'one of constant, poisson']],
  connections: [['none', 'from 1 to 10000']],
  workers: [['65', 'from 1 to 64']],
  cores: [
    ['all', 'cores of this machine from 0'],
    ['9999', 'cores of this machine from 0'],
    ['1-0', 'cores of this machine from 0'],
  ],
  clients: [['0', 'from 1 to 10000']],
  think: [['long', 'a duration of at least 0s']],
  retries: [['101', 'from 0 to 100']],
  clientCache: [['-1', 'from 0 to 100000000']],
  requestsPerConnection: [['0', 'from 1 to 1000000000']],
  warmUp: [['soon', 'a duration of at least 0s']],
  settle: [['a while', 'a duration of at least 0s']],
  timeout: [['0s', 'a duration of at least 0.1s']],
  duration: [
    ['30x', 'a duration of at least 1s'],
    ['10ms', 'a duration of at least 1s'],
  ],
  rate: [['fast', 'such as']],
  traceSpeed: [
    ['0', 'a number above 0'],
    ['fast', 'a number above 0'],
  ],
  traceRate: [['0', 'from 1 to 10000000']],
  trace: [['', 'the path of a trace']],
  preset: [['nonsense', `one of ${presetNames.join(', ')}`]],
  durability: [['maybe', 'one of sync, os, none']],
  cacheBytes: [['64 potatoes', 'a size such as 64MiB']],
  baseline: [
    ['', 'an address'],
    ['https://user:secret@127.0.0.1/', 'without user, query or fragment'],
  ],
  candidate: [
    ['', 'an address'],
    ['http://127.0.0.1/?x=1', 'without user, query or fragment'],
  ],
  metrics: [
    ['cpu,luck', 'some of cpu, resolve-cpu, throughput, p50'],
    ['', 'some of cpu'],
  ],
  slice: [['0.5s', 'a duration of at least 1s']],
  repetitionsMin: [['4', 'from 5 to 1000']],
  repetitionsMax: [['1001', 'from 5 to 1000']],
  budget: [['whatever it takes', 'a duration of at least 1s']],
  threshold: [
    ['0', 'a share above 0 and below 1'],
    ['5 percent', 'a share above 0 and below 1'],
    ['100%', 'a share above 0 and below 1'],
  ],
  confidence: [['1', 'a share above 0 and below 1']],
  history: [['', 'the path of a file']],
  host: [['', 'an address of this machine']],
  port: [['70000', 'from 0 to 65535']],
  inconclusiveExit: [['126', 'from 0 to 125']],
}

for (const [command, shape] of Object.entries(commands)) {
  describe(command, () => {
    const valued = Object.entries(shape.shape)
      .filter(([, schema]) => typeof defaultOf(schema) !== 'boolean')
      .map(([name]) => name)
    test.each(valued)('a wrong --%s is named with its value and what was expected', async (name) => {
      const wrong = wrongValues[`${command}.${name}`] ?? wrongValues[name] ?? []
      expect(wrong.length).toBeGreaterThan(0)
      for (const [value, expected] of wrong) {
        const given = needed[command as keyof typeof needed]
        const error = await errorOf([...command.split(' '), ...given, `--${kebab(name)}=${value}`])
        expect(error).toBeInstanceOf(UsageError)
        expect(error).toMatchObject({
          problems: [expect.stringContaining(`--${kebab(name)} is "${value}"; expected`)],
        })
        expect(String(error)).toContain(expected)
      }
    })

    test('help lists every flag', () => {
      const help = namedCommands(commandLine()).get(command)?.helpInformation() ?? ''
      for (const name of Object.keys(shape.shape)) expect(help).toContain(`--${kebab(name)}`)
    })
  })
}

test('no command is left out here', () => {
  const names = [...namedCommands(commandLine()).keys()]
  expect(names.toSorted()).toEqual(Object.keys(commands).toSorted())
})

test('all errors are told at once', async () => {
  const error = await errorOf(['capacity', '--start', 'fast', '--duration', 'long', '--preset', 'none'])
  expect(error).toMatchObject({
    problems: [
      expect.stringContaining('--target is missing; expected an address'),
      expect.stringContaining('--preset is "none"'),
      expect.stringContaining('--start is "fast"'),
      expect.stringContaining('--duration is "long"'),
    ],
  })
})

test('a search does not begin beyond the highest rate that it may offer', async () => {
  const given = ['capacity', '--target', 'http://127.0.0.1:1', '--start', '500', '--maximum', '100']
  expect(await errorOf(given)).toMatchObject({
    problems: ['--start is "500"; expected at most --maximum, 100'],
  })
})

test('an objective for an operation that the preset never asks is refused before anything is measured', async () => {
  for (const command of ['capacity', 'run', 'bench']) {
    const given = [command, '--target', 'http://127.0.0.1:1', '--preset', 'ycsb-e']
    expect(await errorOf([...given, '--objective', 'resolve.p99<10ms,list.p50<9ms'])).toMatchObject({
      problems: [
        '--objective is "resolve.p99<10ms,list.p50<9ms"; expected operations of the preset ycsb-e, which never asks resolve: register, list',
      ],
    })
  }
})

test('the default objective of a search is of what the preset asks most, and each preset asks it', () => {
  for (const preset of presetNames) {
    const flags = capacityFlags.parse({ target: 'http://127.0.0.1:1', preset })
    const objective = objectiveOf(flags)
    expect(capacityFlags.parse({ target: 'http://127.0.0.1:1', preset, objective })).toMatchObject({
      objective,
    })
  }
  const of = (preset: string) => objectiveOf(capacityFlags.parse({ target: 'http://127.0.0.1:1', preset }))
  expect(of('ycsb-e')).toBe('list.p99<10ms,errors<0.01%')
  expect(of('registration-heavy')).toBe('register.p99<10ms,errors<0.01%')
  expect(of('traceability')).toBe('resolve.p99<10ms,errors<0.01%')
})

test('what is expected may not grow, or more than double in a year', () => {
  for (const [growth, expected] of [
    ['0', 0],
    ['1.2', 1.2],
    ['1000%', 10],
  ] as const)
    expect(capacityFlags.parse({ target: 'http://127.0.0.1:1', growth })).toMatchObject({ growth: expected })
})

test('a run needs either a target or faults for a node of its own', async () => {
  expect(String(await errorOf(['run']))).toContain('--target is missing; expected an address')
  const both = ['run', '--fault', 'kill@5s', '--target', 'http://127.0.0.1:1']
  expect(String(await errorOf(both))).toContain('expected --fault alone')
})

test('a time to recover within is refused where nothing is broken', async () => {
  const asked = ['run', '--target', 'http://127.0.0.1:1', '--recover-within', '10s']
  expect(String(await errorOf(asked))).toContain('--recover-within is "10s" without --fault')
})

test('faults that nobody would see, or that exclude each other, are refused together', async () => {
  const faults = ['clock-back@30s:1h', 'stop@5s:12s', 'kill@6s'].flatMap((fault) => ['--fault', fault])
  expect(await errorOf(['run', ...faults, '--duration', '14s'])).toMatchObject({
    problems: [
      expect.stringMatching(
        /^--fault is "clock-back@30s:1h"; .* before --duration, 14s, is: nobody would see/,
      ),
      expect.stringMatching(/^--fault is "stop@5s:12s"; .* before --duration, 14s, is: nobody would see/),
      '--fault is "kill@6s" while "stop@5s:12s" lasts; expected it before or after that',
    ],
  })
})

test('clients that wait are asked for where they would be used, or refused', async () => {
  const target = ['--target', 'http://127.0.0.1:1']
  expect(String(await errorOf(['run', ...target, '--think', '2']))).toContain(
    '--think is "2" without --clients; expected the clients that think',
  )
  const clients = ['run', '--clients', '4']
  expect(String(await errorOf([...clients, '--fault', 'kill@5s']))).toContain(
    '--clients is "4" beside --fault "kill@5s"',
  )
  expect(String(await errorOf([...clients, ...target, '--trace', 'web07.bin']))).toContain(
    '--clients is "4" beside --trace "web07.bin"',
  )
})

test.each([
  ['--trace a.bin --profile ramp', '--profile is "ramp" beside --trace "a.bin"'],
  ['--trace a.bin --duration 30s', '--duration is "30s" beside --trace "a.bin"'],
  ['--trace a.bin --warm-up 5s', '--warm-up is "5s" beside --trace "a.bin"'],
  ['--trace a.bin --schedule poisson', '--schedule is "poisson" beside --trace "a.bin"'],
  ['--trace a.bin --distribution uniform', '--distribution is "uniform" beside --trace "a.bin"'],
  ['--trace a.bin --preset ycsb-c', '--preset is "ycsb-c" beside --trace "a.bin"'],
  ['--trace a.bin --trace-rate 5 --trace-speed 2', '--trace-speed is "2" beside --trace-rate "5"'],
  ['--trace-speed 60', '--trace-speed is "60" without --trace'],
  ['--trace-rate 5k', '--trace-rate is "5k" without --trace'],
  ['--format lcs', '--format is "lcs" without --trace'],
  ['--clients 4 --profile flat', '--profile is "flat" beside --clients "4"'],
  ['--clients 4 --schedule constant', '--schedule is "constant" beside --clients "4"'],
  ['--clients 4 --rate 1000', '--rate is "1000" beside --clients "4"'],
])('run %s would ignore what was asked, and is refused', async (given, problem) => {
  const error = await errorOf(['run', '--target', 'http://127.0.0.1:1', ...given.split(' ')])
  expect(error).toBeInstanceOf(UsageError)
  expect(error).toMatchObject({ problems: [expect.stringContaining(`${problem}; expected`)] })
})

test('a preset beside a trace still says how large its records are', async () => {
  const run = ['run', '--target', 'http://127.0.0.1:1', '--trace', 'a.bin', '--preset', 'life-cycle']
  expect(String(await errorOf([...run, '--record-sizes', 'preset']))).not.toContain('--preset')
})

test('an unknown flag, an unknown command and a switch with a value are usage errors', async () => {
  expect(await errorOf(['run', '--speed', '1'])).toBeInstanceOf(CommanderError)
  expect(await errorOf(['walk'])).toBeInstanceOf(CommanderError)
  expect(await errorOf(['bench', '--keep-data=yes'])).toBeInstanceOf(CommanderError)
  expect(await errorOf(['load', '--record-admin=yes'])).toBeInstanceOf(CommanderError)
})

test('numbers, durations and lists may be written in the ways people write them', () => {
  const flags = benchFlags.parse({
    identifiers: '10M',
    duration: '2m',
    rate: ['2k,8_000', '250'],
    warmUp: '500ms',
  })
  expect(flags).toMatchObject({
    identifiers: 10_000_000,
    duration: 120,
    rate: [2000, 8000, 250],
    warmUp: 0.5,
  })
  expect(loadFlags.parse({ target: 'http://127.0.0.1:1', identifiers: '1_000_000' }).identifiers).toBe(
    1_000_000,
  )
})

test('a target where nobody answers is named', async () => {
  const server = await startPlainHandleServer()
  await server.close()
  const error = await errorOf(['run', '--target', server.url])
  expect(String(error)).toContain(`no Handle HTTP server answers at ${server.url}`)
})

test('a secret file that cannot be read or is empty is named', async () => {
  const missing = join(directory, 'missing')
  const empty = join(directory, 'empty')
  writeFileSync(empty, '\n')
  const run = ['run', '--target', 'http://127.0.0.1:1', '--secret-file']
  expect(String(await errorOf([...run, missing]))).toContain(
    `--secret-file is "${missing}"; expected a readable file (ENOENT)`,
  )
  expect(String(await errorOf([...run, empty]))).toContain('expected a file that holds a secret')
})

test('a trace that cannot be read is named', async () => {
  const server = await startPlainHandleServer()
  try {
    const missing = join(directory, 'missing.bin')
    const error = await errorOf(['run', '--target', server.url, '--trace', missing])
    expect(error).toBeInstanceOf(UsageError)
    expect(String(error)).toContain(`--trace is "${missing}"; expected a trace that can be read`)
    const untold = join(directory, 'trace.xyz')
    writeFileSync(untold, 'a,b')
    expect(String(await errorOf(['run', '--target', server.url, '--trace', untold]))).toContain(
      `--trace is "${untold}"; expected a trace that can be read: neither name nor first bytes tell the format; name it with --format`,
    )
  } finally {
    await server.close()
  }
})

test.each(
  Object.entries(commands).flatMap(([name, shape]) =>
    'out' in shape.shape && name !== 'trace generate' ? [name as keyof typeof needed] : [],
  ),
)('%s tells before it begins that its results cannot be written', async (name) => {
  const file = join(directory, 'a-file')
  writeFileSync(file, '')
  for (const out of [file, join(file, 'below'), ...(process.platform === 'linux' ? ['/proc/nope'] : [])]) {
    const error = await errorOf([...name.split(' '), ...needed[name], '--out', out])
    expect(error).toBeInstanceOf(UsageError)
    expect((error as UsageError).message).toContain(
      `--out is "${out}"; expected a directory that can be written (`,
    )
  }
})

function defaultOf(schema: z.ZodType): unknown {
  const parsed = schema.safeParse(undefined)
  return parsed.success ? parsed.data : undefined
}

function commandLine() {
  const context = { command: [], signal: new AbortController().signal, stream: process.stderr }
  const line = createCommandLine(context, { performers, done: () => undefined })
  for (const command of [line, ...line.commands.flatMap((command) => [command, ...command.commands])]) {
    command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
  }
  return line
}

/** Every command that does something, by its one or two words. */
function namedCommands(line: Command): ReadonlyMap<string, Command> {
  const named = line.commands.flatMap((command): [string, Command][] =>
    command.commands.length === 0
      ? [[command.name(), command]]
      : command.commands.map((child) => [`${command.name()} ${child.name()}`, child]),
  )
  return new Map(named)
}

async function errorOf(parameters: readonly string[]): Promise<unknown> {
  try {
    await commandLine().parseAsync(['node', 'erji-bench', ...parameters])
    return undefined
  } catch (error) {
    return error
  }
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
