import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identifyCommand } from '../../src/cli/identify-command.ts'
import { prefixCommand } from '../../src/cli/prefix-command.ts'
import { NodePlace } from '../support/node-process.ts'

type Wrong = readonly [flags: readonly string[], said: string]

/** Every flag of `erji prefix STEP` with a value that it does not take and what is said of it. */
const wrongOfAll: Readonly<Record<string, Wrong>> = {
  '--target': [['--target', 'ftp://127.0.0.1'], '--target is "ftp://127.0.0.1"; expected a URL such as'],
  '--user': [['--user', 'ADMIN'], '--user is "ADMIN"; expected index:handle such as 300:88.118/ADMIN'],
  '--admin-secret-file': [['--admin-secret-file', 'no/such/file'], '"no/such/file" cannot be read'],
}
const wrongReason: Readonly<Record<string, Wrong>> = {
  '--reason': [['--reason', 'r'.repeat(2001)], 'reason has 2001 characters; expected at most 2000'],
}
const wrongOf: Readonly<Record<string, Readonly<Record<string, Wrong>>>> = {
  apply: {
    ...wrongReason,
    '--enterprise': [['--enterprise', ' '], 'enterprise is \\" \\"; expected 1 to 500 characters'],
    '--contact': [['--contact', ' '], 'contact is \\" \\"; expected 1 to 500 characters'],
  },
  withdraw: wrongReason,
  approve: wrongReason,
  reject: wrongReason,
  home: wrongReason,
  delegate: {
    ...wrongReason,
    '--values': [['--values', 'no/such/file'], '--values is "no/such/file"; expected a JSON file'],
  },
  suspend: wrongReason,
  resume: wrongReason,
  revoke: wrongReason,
  list: { '--state': [['--state', 'lost'], 'state is \\"lost\\"; expected one of applied, approved'] },
}

let place: NodePlace
let right: readonly string[]
let target: readonly string[]
// Stands for whatever a step wants besides: a text that is a path, or a file of values.
let valuesFile: string
beforeAll(async () => {
  place = await NodePlace.create()
  valuesFile = join(place.directory, 'values.json')
  await writeFile(valuesFile, '[]')
  const node = await place.start({ store: 'memory' })
  target = ['--target', node.url]
  right = [...target, '--user', '300:88.1000/ADMIN', '--admin-secret-file', place.secretFile]
})
afterAll(() => place[Symbol.asyncDispose]())

describe('erji prefix', () => {
  const steps = prefixCommand().commands.map((command) => ({
    name: command.name(),
    takesPrefix: command.registeredArguments.length > 0,
    required: command.options.filter(({ mandatory, long }) => mandatory && long !== '--user'),
    wrong: { ...wrongOfAll, ...wrongOf[command.name()] },
    flags: command.options.map(({ long }) => long ?? ''),
  }))

  test.each(steps)('every flag of $name has a wrong value here', ({ flags, wrong }) => {
    expect(flags.toSorted()).toEqual(Object.keys(wrong).toSorted())
  })

  // What every step has is read at one place: one of the steps stands for all.
  const cases = steps.flatMap(({ wrong, ...step }) =>
    Object.entries(wrong)
      .filter(([flag]) => step.name === 'show' || !(flag in wrongOfAll))
      .map(([flag, wrong]) => ({ ...step, flag, wrong })),
  )
  test.each(cases)('$name refuses a wrong $flag', async ({ name, takesPrefix, required, flag, wrong }) => {
    const [flags, said] = wrong
    const others = required
      .filter(({ long }) => long !== flag)
      .flatMap(({ long }) => [long ?? '', valuesFile])
    const { code, stdout, stderr } = await place.run([
      'prefix',
      name,
      ...(takesPrefix ? ['88.1000.5'] : []),
      ...right,
      ...others,
      ...flags,
    ])
    expect(stderr).toContain(said)
    expect([code, stdout]).toEqual([expect.any(Number), ''])
    expect(code).not.toBe(0)
  })

  test.each([
    [['apply', '88.1000.5'], "required option '--user <index:handle>' not specified"],
    [
      ['apply', '88.1000.5', '--user', '300:88.1000/ADMIN'],
      "required option '--enterprise <name>' not specified",
    ],
    [
      ['delegate', '88.1000.5', '--user', '300:88.1000/ADMIN'],
      "required option '--values <file>' not specified",
    ],
    [['show', '--user', '300:88.1000/ADMIN'], "missing required argument 'prefix'"],
    [['import', '--user', '300:88.1000/ADMIN'], "missing required argument 'file'"],
    [['lend', '88.1000.5'], "unknown command 'lend'"],
  ])('%j is wrong input', async (commandLine, said) => {
    const { code, stderr } = await place.run(['prefix', ...commandLine])
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
  })
})

describe('erji identify', () => {
  test('every flag and its argument are checked', async () => {
    expect(identifyCommand().options.map(({ long }) => long)).toEqual(['--target', '--json'])
    for (const [flags, said] of [
      [['88.1000/x', '--target', 'nowhere'], '--target is "nowhere"; expected a URL such as'],
      [['88.1000/x', '--target', 'http://127.0.0.1:1'], '--target http://127.0.0.1:1 cannot be reached'],
      [['88.1000/x', '--json=yes'], "unknown option '--json=yes'"],
      [[], "missing required argument 'id'"],
    ] as const) {
      const { code, stderr } = await place.run(['identify', ...flags])
      expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
    }
    const { code, stderr } = await place.run(['identify', '', ...target])
    expect(code).not.toBe(0)
    expect(stderr).toContain('the node answered 400')
  })
})
