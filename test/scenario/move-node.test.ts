import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf, type ExportDigest } from '../../src/cli/digest-command.ts'
import { type Asking, ask } from '../support/ask.ts'
import { basic, type Ended, NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'

const recordCount = 400
// Some fifteen commands follow each other in one test, each a process that has to start.
const commandsMsMax = 300_000
const administrator = `300:${testPrefix}/ADMIN`
const enterprise = `300:${testPrefix}/FACTORY`
/** Who administers the records of each prefix that is homed at the old node: those below it were applied for by two. */
const homed = {
  [testPrefix]: administrator,
  [`${testPrefix}.8`]: enterprise,
  [`${testPrefix}.9`]: administrator,
}
const suspended = `${testPrefix}.10`
const delegated = `${testPrefix}.11`
const applied = `${testPrefix}.12`

describe('a node that moves with its enterprise prefixes, as docs/operations.md has it', () => {
  let oldPlace: NodePlace
  let newPlace: NodePlace
  let oldNode: NodeProcess
  let newNode: NodeProcess
  beforeAll(async () => {
    oldPlace = await NodePlace.create()
    newPlace = await NodePlace.create()
    oldNode = await oldPlace.start()
    await writeFile(newPlace.secretFile, await readFile(oldPlace.secretFile))
    newNode = await newPlace.start()
    await writeFile(enterpriseSecretFile(), 'factory-secret\n')
    await fillOldNode()
  })
  afterAll(async () => {
    await oldPlace?.[Symbol.asyncDispose]()
    await newPlace?.[Symbol.asyncDispose]()
  })

  const inPlace = (name: string): string => join(oldPlace.directory, name)
  const enterpriseSecretFile = (): string => inPlace('factory.secret')

  async function run(node: NodeProcess, words: readonly string[], user = administrator): Promise<Ended> {
    const secretFile = user === enterprise ? enterpriseSecretFile() : oldPlace.secretFile
    return oldPlace.run([...words, '--user', user, '--admin-secret-file', secretFile, '--target', node.url])
  }

  async function succeed(node: NodeProcess, words: readonly string[], user?: string): Promise<string> {
    const { code, stdout, stderr } = await run(node, words, user)
    expect(code, stderr).toBe(0)
    return stdout
  }

  async function say(node: NodeProcess, path: string, more: Asking, user = administrator) {
    const secret = (
      await readFile(user === enterprise ? enterpriseSecretFile() : oldPlace.secretFile, 'utf8')
    ).trim()
    const answer = await ask(node.url + path, { method: 'POST', authorization: basic(user, secret), ...more })
    expect([200, 201], answer.text).toContain(answer.status)
  }

  const take = (node: NodeProcess, prefix: string, step: string, body: object = {}, user?: string) =>
    say(node, `/api/prefixes/${prefix}/${step}`, { body }, user)

  async function fillOldNode(): Promise<void> {
    const secret = [{ index: 300, type: 'HS_SECKEY', data: 'factory-secret', permissions: '1100' }]
    await say(oldNode, `/api/handles/${testPrefix}/FACTORY`, { method: 'PUT', body: secret })
    const values = [{ index: 1, type: 'HS_SERV', data: `${testPrefix}/SERVICE` }]
    for (const [prefix, ...steps] of [
      [`${testPrefix}.8`, 'approve', 'home'],
      [`${testPrefix}.9`, 'approve', 'home'],
      [suspended, 'approve', 'home', 'suspend'],
      [delegated, 'approve', 'delegate'],
      [applied],
    ] as const) {
      const details = { enterprise: `${prefix} 的企业`, contact: 'it@example.org' }
      await take(oldNode, prefix, 'apply', details, applicantOf(prefix))
      for (const step of steps)
        await take(oldNode, prefix, step, step === 'delegate' ? { values } : { reason: '按计划' })
    }
    for (const [prefix, user] of Object.entries(homed)) {
      const lines = { body: recordLines(prefix), headers: { 'content-type': 'application/x-ndjson' } }
      await say(oldNode, '/api/registrations', lines, user)
    }
  }

  const applicantOf = (prefix: string): string =>
    (homed as Readonly<Record<string, string>>)[prefix] ?? administrator

  async function exportedDigest(node: NodeProcess, prefix: string): Promise<ExportDigest> {
    const file = inPlace(`${prefix}-${node === oldNode ? 'old' : 'new'}.ndjson.zst`)
    await succeed(node, ['export', file, '--prefix', prefix], applicantOf(prefix))
    return digestOf(file, 1)
  }

  test(
    'holds the same records under every prefix, the same list, states and audit trails, and goes on from there',
    async () => {
      const prefixFile = inPlace('prefixes.ndjson')
      await writeFile(prefixFile, await succeed(oldNode, ['prefix', 'export']))
      const digests = new Map<string, ExportDigest>()
      for (const prefix of Object.keys(homed)) digests.set(prefix, await exportedDigest(oldNode, prefix))

      const fileOf = (prefix: string): string => inPlace(`${prefix}-old.ndjson.zst`)
      await succeed(newNode, ['import', fileOf(testPrefix), '--overwrite'])
      const brought = await succeed(newNode, ['prefix', 'import', prefixFile])
      expect(resultsOf(brought)).toEqual(Array(5).fill('created'))
      for (const prefix of [`${testPrefix}.8`, `${testPrefix}.9`])
        await succeed(newNode, ['import', fileOf(prefix), '--overwrite'], applicantOf(prefix))
      // An import that was interrupted is run again as it is.
      expect(resultsOf(await succeed(newNode, ['prefix', 'import', prefixFile]))).toEqual(
        Array(5).fill('exists-identical'),
      )

      for (const [prefix, digest] of digests) {
        expect(digest).toMatchObject({ records: prefix === testPrefix ? recordCount + 2 : recordCount })
        expect(await exportedDigest(newNode, prefix)).toEqual(digest)
      }
      const list = await succeed(oldNode, ['prefix', 'list'])
      expect(linesOf(list)).toHaveLength(5)
      expect(linesOf(await succeed(newNode, ['prefix', 'list']))).toEqual(linesOf(list))
      for (const prefix of linesOf(list).map((line) => line.prefix)) {
        for (const path of [`/api/prefixes/${prefix}`, `/api/prefixes/${prefix}/audit`]) {
          const authorization = await oldPlace.authorization()
          const [here, there] = await Promise.all(
            [oldNode, newNode].map(({ url }) => ask(url + path, { authorization })),
          )
          expect(here?.status).toBe(200)
          expect(there?.json()).toEqual(here?.json())
        }
      }
      const exported = linesOf(await succeed(newNode, ['prefix', 'export']))
      expect(exported.map(untimed)).toEqual(
        linesOf(await succeed(oldNode, ['prefix', 'export'])).map(untimed),
      )

      await take(newNode, suspended, 'resume')
      const answer = await ask(`${newNode.url}/api/handles/${suspended}/NOBODY`)
      expect(answer.status).toBe(404)
    },
    commandsMsMax,
  )

  test('a line that contradicts what the new node has is refused by its number, and the others are taken', async () => {
    await take(newNode, applied, 'approve')
    await take(oldNode, applied, 'reject', { reason: '资料不全' })
    await take(oldNode, delegated, 'suspend', { reason: '证书过期' })
    const file = inPlace('later.ndjson')
    const lines = linesOf(await succeed(oldNode, ['prefix', 'export']))
    const later = lines.filter((line) => line.prefix === delegated || line.prefix === applied)
    await writeFile(file, later.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const { code, stdout, stderr } = await run(newNode, ['prefix', 'import', file])
    expect([code, resultsOf(stdout)]).toEqual([1, ['advanced']])
    expect(stderr).toContain(`"${file}" line 2, ${applied}: the node refused with 409`)
    expect(stderr).toContain('took another step 2 here: approve by')
    expect(stderr).toContain('1 prefixes were refused')
  })

  test.each([
    ['{"prefix":\n', 'line 1 is not JSON; expected what erji prefix export writes'],
    ['\n{"handle":"x"}\n', 'line 2 names no prefix; expected what erji prefix export writes'],
  ])('a file that is no export is wrong input: %j', async (text, said) => {
    const file = inPlace('wrong.ndjson')
    await writeFile(file, text)
    const { code, stderr } = await run(newNode, ['prefix', 'import', file])
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
  })
})

type Line = Readonly<Record<string, unknown>>

function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

function resultsOf(text: string): unknown[] {
  return linesOf(text).map(({ status }) => status)
}

/** A node gives the values of a record times of its own. */
function untimed(line: Line): Line {
  const values = line.record as readonly Line[] | undefined
  return { ...line, record: values?.map(({ timestamp: _timestamp, ...value }) => value) }
}

function recordLines(prefix: string): string {
  const line = (record: number) =>
    JSON.stringify({
      handle: `${prefix}/设备 ${record}`,
      values: [{ index: 1, type: 'URL', data: `https://example.org/${prefix}/${record}` }],
    })
  return Array.from({ length: recordCount }, (_, record) => `${line(record)}\n`).join('')
}
