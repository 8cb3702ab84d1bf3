import { describe, expect, it } from 'vitest'
import { leastDisturbed } from '../../../bench/gate/least-disturbed.ts'

const quiet = { answers: 2500, seconds: 0.05, cpuSeconds: 0.025 }

describe('leastDisturbed', () => {
  it('is not moved by bursts that the machine made slow and dear', () => {
    const stolen = { answers: 400, seconds: 0.05, cpuSeconds: 0.012 }
    const bursts = [...Array(12).fill(quiet), ...Array(8).fill(stolen)]
    expect(leastDisturbed(bursts)).toEqual({ throughput: 50_000, 'resolve-cpu': 10 })
  })

  it('is moved by what makes every burst slower and dearer', () => {
    const slowed = { answers: 2250, seconds: 0.05, cpuSeconds: 0.025 }
    const { throughput = 0, 'resolve-cpu': cost = 0 } = leastDisturbed(Array(20).fill(slowed))
    expect(throughput).toBeCloseTo(45_000)
    expect(cost).toBeCloseTo(100 / 9)
  })

  it('takes no single burst that was measured too well', () => {
    const flattered = { answers: 2500, seconds: 0.025, cpuSeconds: 0.001 }
    expect(leastDisturbed([flattered, ...Array(19).fill(quiet)])).toEqual({
      throughput: 50_000,
      'resolve-cpu': 10,
    })
  })

  it('says nothing of CPU time that could not be read, and nothing at all without answers', () => {
    expect(leastDisturbed([quiet, { ...quiet, cpuSeconds: undefined }])).toEqual({ throughput: 50_000 })
    expect(leastDisturbed([{ answers: 0, seconds: 0.05, cpuSeconds: 0 }])).toEqual({})
    expect(leastDisturbed([])).toEqual({})
  })
})
