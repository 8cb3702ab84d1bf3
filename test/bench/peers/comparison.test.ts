import { describe, expect, test } from 'vitest'
import { alternate, spreadOf } from '../../../bench/peers/alternate.ts'
import { expectingRefusal, parseWrk } from '../../../bench/peers/closed-loop.ts'
import { comparedWith, sidesTable } from '../../../bench/peers/comparison-tables.ts'
import type { RunningPeer } from '../../../bench/peers/peer.ts'

describe('a comparison of servers', () => {
  test('turns the order in each round, and does not count the first rounds', async () => {
    const asked: string[] = []
    const peers = ['a', 'b', 'c'].map(peer)
    const sides = await alternate({
      peers,
      alternations: 4,
      burst: async ({ name }) => {
        asked.push(name)
        return { requests: name === 'a' ? 300 : 100, seconds: 2, unexpected: 0 }
      },
    })
    expect(asked.slice(0, 6).join('')).toBe('bcacab')
    expect(sides.map(({ samples }) => samples.length)).toEqual([4, 4, 4])
    expect(sides.map(({ requestsPerSecond }) => requestsPerSecond.median)).toEqual([150, 50, 50])
  })

  test('counts by the CPU time of the server, and says where it does not know it', async () => {
    const [own, far] = await alternate({
      peers: [{ ...peer('own'), pids: [process.pid] }, peer('far')],
      alternations: 1,
      burst: async () => {
        for (const end = process.cpuUsage().user + 50_000; process.cpuUsage().user < end; );
        return { requests: 1000, seconds: 1, unexpected: 2 }
      },
    })
    expect(own?.requestsPerCpuSecond?.median).toBeGreaterThan(0)
    expect(own?.requestsPerCpuSecond?.median).toBeLessThan(1000 / 0.03)
    expect(far?.requestsPerCpuSecond).toBeUndefined()
    const compared = comparedWith(
      'own',
      [own, far].flatMap((side) => side ?? []),
    )
    expect(compared.map(({ ratio }) => ratio)).toEqual([1, undefined])
    expect(sidesTable('own', compared)).toMatch(/\| far \|.*\| unknown \| unknown \|/)
  })

  test('compares sides round by round, so that a machine that changes its speed changes no ratio', () => {
    const side = (name: string, rates: readonly number[]) => {
      const samples = rates.map((rate) => ({
        requestsPerSecond: rate,
        requestsPerCpuSecond: rate,
        serverCores: 1,
        unexpected: 0,
      }))
      const spread = spreadOf(rates)
      const measured = { requestsPerSecond: spread, requestsPerCpuSecond: spread, residentBytes: undefined }
      return { ...measured, name, about: '', samples, unexpected: 0 }
    }
    const [, fast] = comparedWith('base', [side('base', [10, 20, 40]), side('fast', [15, 40, 60])])
    expect(fast?.ratioSpread).toEqual({ median: 1.5, least: 1.5, most: 2 })
    expect(sidesTable('base', fast === undefined ? [] : [fast])).toContain('| 1.50 (1.50–2.00) |')
  })

  test('takes the middle of the rounds, and shows the least and the most', () => {
    expect(spreadOf([5, 1, 3])).toEqual({ median: 3, least: 1, most: 5 })
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4 })
  })
})

describe('what wrk prints', () => {
  test('is read with everything that was not answered as expected', () => {
    const output =
      '  1 threads and 64 connections\n  200411 requests in 2.01s, 100.00MB read\n' +
      '  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 5\nRequests/sec:  99700.10\n'
    expect(parseWrk(output)).toEqual({ requests: 200_411, seconds: 2.01, unexpected: 15, refused: 5 })
    expect(parseWrk('  7 requests in 999.10ms, 1KB read\n').seconds).toBeCloseTo(0.9991)
  })

  test('counts what was found as unexpected where each handle should have been refused', () => {
    const burst = { requests: 100, seconds: 1, unexpected: 95, refused: 90 }
    expect(expectingRefusal(burst)).toEqual({ ...burst, unexpected: 15 })
    expect(expectingRefusal({ ...burst, unexpected: 100, refused: 100 }).unexpected).toBe(0)
  })

  test('is refused when it is something else', () => {
    expect(() => parseWrk('unable to connect')).toThrow('unable to connect')
  })
})

function peer(name: string): RunningPeer {
  return { name, url: '', pids: [], about: '', stop: async () => undefined }
}
