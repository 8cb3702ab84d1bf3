import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { chinese } from '../../../bench/report/html/chinese.ts'

test('every label of a fact that a report may hold is there in Chinese', () => {
  const source = readFileSync(new URL('../../../bench/report/report-facts.ts', import.meta.url), 'utf8')
  const labels = [...source.matchAll(/(?:fact|optional)\(\s*'([^']+)'/g)].map((match) => match[1] ?? '')
  expect(labels.length).toBeGreaterThan(40)
  expect(labels.filter((label) => chinese[label] === undefined)).toEqual([])
})
