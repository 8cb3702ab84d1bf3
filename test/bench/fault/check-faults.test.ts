import { describe, expect, test } from 'vitest'
import { problemsOfFaults } from '../../../bench/fault/check-faults.ts'
import { parseFault } from '../../../bench/fault/parse-faults.ts'

describe('faults that nobody would see the consequences of', () => {
  test.each(['kill@14s', 'clock-back@30s:1h', 'stop@10s:5s', 'stop@10s:3500ms', 'kill@13500ms'])(
    '%s in 14 s of measuring',
    (text) => {
      expect(problems([text])).toEqual([
        `--fault is "${text}"; expected it to be over at least 1s before --duration, 14s, is: nobody would see what came of it`,
      ])
    },
  )

  test.each(['kill@13s', 'clock-forward@5s:1h', 'stop@10s:3s'])('%s is none', (text) => {
    expect(problems([text])).toEqual([])
  })
})

describe('faults at the same time', () => {
  test.each([
    [['slow-disk@3s:8s', 'kill@5s']],
    [['full-disk@3s:8s', 'kill@5s', 'worker-death@6s']],
    [['stop@2s:3s', 'slow-clients@3s:5s', 'resets@3s:5s']],
    [['stop@2s:3s', 'kill@5s']],
    [['slow-disk@2s:3s', 'slow-disk@5s:1s']],
    [['clock-forward@2s:1h', 'clock-back@3s:1h']],
  ])('%s are possible', (texts) => {
    expect(problems(texts)).toEqual([])
  })

  test.each([
    ['kill@5s', 'stop@2s:4s'],
    ['worker-death@5s', 'stop@2s:4s'],
    ['stop@5s:1s', 'stop@2s:4s'],
    ['full-disk@5s:1s', 'full-disk@2s:4s'],
    ['slow-disk@5s:1s', 'slow-disk@2s:4s'],
  ])('%s is refused while %s lasts, by name and in whichever order they are given', (fault, lasting) => {
    const refusal = [`--fault is "${fault}" while "${lasting}" lasts; expected it before or after that`]
    expect(problems([fault, lasting])).toEqual(refusal)
    expect(problems([lasting, fault])).toEqual(refusal)
  })
})

function problems(texts: readonly string[]): string[] {
  return problemsOfFaults(texts.map(parseFault), { durationSeconds: 14 })
}
