import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../support/ask.ts'
import { type Ended, NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'

const recordCount = 5000
const user = ['--user', `300:${testPrefix}/ADMIN`]

let place: NodePlace
let node: NodeProcess
let plain: Buffer
beforeAll(async () => {
  place = await NodePlace.create()
  node = await place.start({ store: 'memory' })
  await writeFile(inPlace('in.ndjson'), recordLines())
  const { code, stderr } = await transfer(['import', inPlace('in.ndjson')])
  expect([code, stderr]).toEqual([0, expect.stringContaining(`${recordCount} records, `)])
  expect((await transfer(['export', inPlace('plain.ndjson'), '--prefix', testPrefix])).code).toBe(0)
  plain = await readFile(inPlace('plain.ndjson'))
})
afterAll(() => place[Symbol.asyncDispose]())

describe('what is exported', () => {
  test('is every record once, with its text as it was given', () => {
    const handles = plain
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).handle)
    expect(handles.length).toBe(recordCount + 1)
    expect(new Set(handles).size).toBe(recordCount + 1)
    expect(handles).toContain(`${testPrefix}/设备 7`)
  })

  test.each([
    ['.ndjson', (bytes: Buffer) => bytes],
    ['.ndjson.gz', gunzipSync],
    ['.ndjson.zst', zstdDecompressSync],
  ])(
    'as %s makes an equal node of an empty one, byte for byte but for when values were written',
    async (suffix, decompressed) => {
      const file = inPlace(`out${suffix}`)
      expect((await transfer(['export', file, '--prefix', testPrefix])).code).toBe(0)
      expect(decompressed(await readFile(file)).equals(plain)).toBe(true)
      await using copyPlace = await NodePlace.create()
      await writeFile(copyPlace.secretFile, await readFile(place.secretFile))
      const copy = await copyPlace.start({ store: 'memory' })
      const imported = await transfer(['import', file, '--overwrite'], copy.url)
      expect(imported.code, imported.stderr).toBe(0)
      const copied = inPlace(`copy${suffix}`)
      expect((await transfer(['export', copied, '--prefix', testPrefix], copy.url)).code).toBe(0)
      expect(untimed(decompressed(await readFile(copied))) === untimed(plain)).toBe(true)
    },
  )
})

describe('an import', () => {
  test('that is run again changes nothing and succeeds', async () => {
    expect((await transfer(['import', inPlace('in.ndjson')])).code).toBe(0)
    const { created } = (await ask(`${node.url}/api/statistics`)).json().registrar as { created: number }
    expect((await transfer(['import', inPlace('in.ndjson')])).code).toBe(0)
    expect((await ask(`${node.url}/api/statistics`)).json().registrar).toMatchObject({ created })
  })

  test('with bad lines registers the others and writes the bad ones to --rejects', async () => {
    const good = JSON.stringify({ handle: `${testPrefix}/good`, values: [] })
    const foreign = { handle: '88.9/x', values: [] }
    await writeFile(inPlace('bad.ndjson'), `${good}\n{"handle":\n${JSON.stringify(foreign)}\n`)
    const rejects = inPlace('rejects.ndjson')
    const { code, stderr } = await transfer(['import', inPlace('bad.ndjson'), '--rejects', rejects])
    expect([code, stderr]).toEqual([1, expect.stringContaining('2 records failed\n')])
    const lines = (await readFile(rejects, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { item: '{"handle":', error: { responseCode: 4, line: 2 } },
      { item: foreign, error: { responseCode: 301, handle: '88.9/x' } },
    ])
    expect((await ask(`${node.url}/api/handles/${testPrefix}/good`)).status).toBe(200)
  })

  test('names a --rejects file that it cannot write', async () => {
    const rejects = inPlace('missing/rejects')
    const { code, stderr } = await transfer(['import', inPlace('in.ndjson'), '--rejects', rejects])
    expect([code, stderr]).toEqual([2, expect.stringContaining(`--rejects "${rejects}" cannot be written`)])
  })

  test.each([['0'], ['101'], ['x']])('refuses --attempts %s', async (value) => {
    const { code, stderr } = await transfer(['import', '-', '--attempts', value])
    expect(code).toBe(2)
    expect(stderr).toBe(`erji: --attempts is "${value}"; expected an integer from 1 to 100\n`)
  })

  test('of a broken archive names the file', async () => {
    await writeFile(inPlace('broken.gz'), 'not an archive')
    const { code, stderr } = await transfer(['import', inPlace('broken.gz')])
    expect([code, stderr]).toEqual([2, expect.stringContaining('broken.gz" cannot be read')])
  })
})

describe('import and export', () => {
  test('name a node that is not there', async () => {
    for (const command of [
      ['import', inPlace('in.ndjson'), '--attempts', '1'],
      ['export', '--prefix', testPrefix],
    ]) {
      const { code, stderr } = await transfer(command, 'http://127.0.0.1:1')
      expect([code, stderr]).toEqual([2, expect.stringContaining('http://127.0.0.1:1 cannot be reached')])
    }
  })

  test('say that the secret is wrong, without showing it', async () => {
    await writeFile(inPlace('wrong'), 'a wrong secret')
    for (const command of [
      ['import', inPlace('in.ndjson')],
      ['export', '--prefix', testPrefix],
    ]) {
      const secret = ['--admin-secret-file', inPlace('wrong')]
      const { code, stderr } = await place.run([...command, '--target', node.url, ...user, ...secret])
      expect([code, stderr]).toEqual([2, expect.stringContaining('the node refused with 401')])
      expect(stderr).not.toContain('a wrong secret')
    }
  })

  test('say that a file of the secret is empty, rather than ask with nothing', async () => {
    await writeFile(inPlace('empty'), '\n')
    const secret = ['--admin-secret-file', inPlace('empty')]
    const command = ['export', '--prefix', testPrefix, '--target', node.url]
    const { code, stderr } = await place.run([...command, ...user, ...secret])
    const said = `--admin-secret-file "${inPlace('empty')}" is empty; expected a secret on one line`
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
  })

  test('end with 75 when the node stays busy', async () => {
    const busy = createServer((request, response) => {
      request.resume()
      response.writeHead(503).end('{"responseCode":3}')
    })
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(busy.address() as AddressInfo).port}`
      for (const command of [
        ['import', inPlace('in.ndjson'), '--attempts', '2'],
        ['export', '--prefix', testPrefix],
      ]) {
        const { code, stderr } = await transfer(command, url)
        expect([code, stderr]).toEqual([75, expect.stringContaining('busy')])
      }
    } finally {
      busy.closeAllConnections()
      busy.close()
    }
  })
})

/** The node stamps each value when it is written, as the Handle API has it. */
function untimed(lines: Buffer): string {
  return lines.toString('utf8').replaceAll(/"timestamp":"[^"]+"/g, '"timestamp":""')
}

function inPlace(name: string): string {
  return join(place.directory, name)
}

function transfer(command: readonly string[], target = node.url): Promise<Ended> {
  return place.run([...command, '--target', target, ...user, '--admin-secret-file', place.secretFile])
}

function recordLines(): string {
  return Array.from({ length: recordCount }, (_none, number) =>
    JSON.stringify({
      handle: `${testPrefix}/设备 ${number}`,
      values: [
        { index: 1, type: 'URL', data: `https://example.org/${number}`, ttl: 60 },
        { index: 2, type: '型号', data: { format: 'hex', value: '00ff' } },
      ],
    }),
  ).join('\n')
}
