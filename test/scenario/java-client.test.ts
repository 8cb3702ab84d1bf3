import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasJavaClient } from '../../scripts/install-java-client.ts'
import { ask } from '../support/ask.ts'
import { freePort } from '../support/free-port.ts'
import { runJavaSession } from '../support/java-client.ts'
import { NodePlace, testPrefix } from '../support/node-process.ts'

let place: NodePlace
let url: string
let outcome: Record<string, string>

if (!hasJavaClient())
  process.stderr.write('The reference Java client is NOT here: its scenario does not run.\n')

const nodes = [
  { name: 'of one thread', flags: { store: 'memory', workers: '1' } },
  // A challenge that one thread made is answered to another: a connection may be anyone's.
  { name: 'of two threads', flags: { store: 'level', workers: '2' } },
] as const

describe.runIf(hasJavaClient()).each(nodes)(
  'a node $name that the reference Java client uses',
  ({ flags }) => {
    beforeAll(async () => {
      place = await NodePlace.create()
      const port = await freePort()
      ;({ url } = await place.start({ ...flags, host: ['127.0.0.1', '::1'], 'wire-port': String(port) }))
      outcome = await runJavaSession({ port, prefix: testPrefix, secretFile: place.secretFile })
    })
    afterAll(() => place[Symbol.asyncDispose]())

    test('the reference client resolves over TCP and UDP, whole and in part', () => {
      expect(outcome).toMatchObject({
        absent: '100',
        resolveTcp: '1 1=http://a.example',
        resolveUdp: '1 1=http://a.example',
        resolveTcp6: '1 1=http://a.example',
        resolveUdp6: '1 1=http://a.example',
        resolveUdpLong: '1 1=http://a.example 2=1500 characters',
        byType: '1 1=http://b.example',
        byIndex: '1 2=1500 characters',
        digested: '1 1=http://b.example 2=1500 characters',
        foreign: '301',
        site: '1 servers 2',
      })
    })

    test('what it asked is in the metrics of all threads', async () => {
      const { text } = await ask(`${url}/metrics`)
      const counted = (labels: string) =>
        Number(new RegExp(`^erji_native_request_seconds_count\\{${labels}\\} (\\d+)$`, 'm').exec(text)?.[1])
      expect(counted('transport="tcp",operation="resolve",code="301"')).toBeGreaterThan(0)
      expect(counted('transport="udp",operation="resolve",code="1"')).toBeGreaterThanOrEqual(4)
      // The challenge is the answer to the operation; what it came to, to the proof.
      expect(counted('transport="tcp",operation="create_handle",code="402"')).toBeGreaterThanOrEqual(4)
    })

    test('the reference client administers with a secret key and with a public key', () => {
      expect(outcome).toMatchObject({
        create: '1',
        createAgain: '101',
        createWrong: '403',
        add: '1',
        modify: '1',
        modifyAbsent: '200',
        remove: '1',
        addKey: '1',
        createByKey: '1',
        deleteUdp: '1',
        list: `1 ${testPrefix}/ADMIN ${testPrefix}/java-1`,
      })
    })

    test('the reference client homes, lists and unhomes prefixes, and is told where it may not be referred', () => {
      expect(outcome).toMatchObject({
        home: '1',
        derived: `1 0.NA/${testPrefix}.9`,
        unhome: '1',
        notReferred: '301',
      })
    })
  },
)
