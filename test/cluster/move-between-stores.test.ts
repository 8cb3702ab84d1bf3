import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cassandraOptions, freshKeyspace, hasCluster } from '../support/cassandra.ts'
import { type Ended, NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'

const recordCount = 1500

describe.runIf(hasCluster())('a node that moves from its embedded store to a cluster and back', () => {
  let place: NodePlace
  let embedded: NodeProcess
  let overCluster: NodeProcess
  beforeAll(async () => {
    place = await NodePlace.create()
    embedded = await place.start()
    const keyspace = await freshKeyspace()
    const { contactPoints } = cassandraOptions(keyspace)
    overCluster = await place.start({
      store: 'cassandra',
      'cassandra-contact-points': contactPoints,
      'cassandra-keyspace': keyspace,
    })
    await writeFile(inPlace('in.ndjson'), recordLines())
    await transfer(embedded, ['import', inPlace('in.ndjson')])
  })
  afterAll(() => place?.[Symbol.asyncDispose]())

  const inPlace = (name: string): string => join(place.directory, name)

  async function transfer(node: NodeProcess, words: readonly string[]): Promise<Ended> {
    const who = ['--user', `300:${testPrefix}/ADMIN`, '--admin-secret-file', place.secretFile]
    const ended = await place.run([...words, ...who, '--target', node.url])
    expect(ended.code, ended.stderr).toBe(0)
    return ended
  }

  async function digest(file: string, ...words: readonly string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await place.run(['digest', inPlace(file), ...words])
    expect(code, stderr).toBe(0)
    return JSON.parse(stdout)
  }

  test('holds the same, by count and by digest of all and of a sample, and a moved record that was moved again changes nothing', async () => {
    await transfer(embedded, ['export', inPlace('embedded.ndjson.zst'), '--prefix', testPrefix])
    const all = await digest('embedded.ndjson.zst')
    const sample = await digest('embedded.ndjson.zst', '--sample', '0.1')
    expect(all).toMatchObject({ records: recordCount + 1, sampled: recordCount + 1 })
    expect(sample.sampled).toBeGreaterThan(recordCount / 20)
    expect(sample.sampled).toBeLessThan(recordCount / 5)
    expect(sample.sha256).not.toBe(all.sha256)

    // Twice: an import that was interrupted is run again as it is.
    await transfer(overCluster, ['import', inPlace('embedded.ndjson.zst'), '--overwrite'])
    await transfer(overCluster, ['import', inPlace('embedded.ndjson.zst')])
    await transfer(overCluster, ['export', inPlace('cluster.ndjson.gz'), '--prefix', testPrefix])
    expect(await digest('cluster.ndjson.gz')).toEqual(all)
    expect(await digest('cluster.ndjson.gz', '--sample', '0.1')).toEqual(sample)

    await using back = await NodePlace.create()
    await writeFile(back.secretFile, await readFile(place.secretFile))
    const returned = await back.start()
    await transfer(returned, ['import', inPlace('cluster.ndjson.gz'), '--overwrite'])
    await transfer(returned, ['export', inPlace('back.ndjson'), '--prefix', testPrefix])
    expect(await digest('back.ndjson')).toEqual(all)
  })

  test('a record that differs or is missing shows in the digest, and what is no export is refused by its line', async () => {
    const lines = (await readFile(inPlace('back.ndjson'), 'utf8')).trimEnd().split('\n')
    const all = await digest('back.ndjson')
    await writeFile(inPlace('fewer.ndjson'), `${lines.slice(1).join('\n')}\n`)
    expect(await digest('fewer.ndjson')).toMatchObject({ records: recordCount })
    const changed = lines.map((line) => line.replace('/p/77"', '/p/78"'))
    await writeFile(inPlace('changed.ndjson'), `${changed.join('\n')}\n`)
    const found = await digest('changed.ndjson')
    expect([found.records, found.sha256 === all.sha256]).toEqual([all.records, false])
    await writeFile(inPlace('none.ndjson'), `${lines[0]}\n{"a":1}\n`)
    const refused = await place.run(['digest', inPlace('none.ndjson')])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('line 2 is no record')])
  })
})

function recordLines(): string {
  let lines = ''
  for (let record = 0; record < recordCount; record++) {
    const value = { format: 'string', value: `https://example.org/p/${record}` }
    lines += `${JSON.stringify({ handle: `${testPrefix}/设备 ${record}`, values: [{ index: 1, type: 'URL', data: value }] })}\n`
  }
  return lines
}
