import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { simulateWith } from '../../../bench/simulator/simulate.ts'
import type { EvictionPolicy, PolicyContext } from '../../../src/cache/policy.ts'
import { densify } from '../../support/reference-traces.ts'

const directory = mkdtempSync(join(tmpdir(), 'erji-documented-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('the policy in docs/caching.md compiles, runs and beats LRU where everything is asked for in turn', async () => {
  const page = readFileSync(new URL('../../../docs/caching.md', import.meta.url), 'utf8')
  const [, source = ''] = /```ts\n([\s\S]*?)```/.exec(page) ?? []
  const beside = new URL('../../../src/cache/policies/', import.meta.url)
  const absolute = source.replaceAll(/from '(\.[^']+)'/g, (_, path) => `from '${new URL(path, beside).href}'`)
  const file = join(directory, 'mru.mjs')
  writeFileSync(file, stripTypeScriptTypes(absolute))
  const { Mru } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
    Mru: new (context: PolicyContext) => EvictionPolicy
  }
  const loop = densify(Array.from({ length: 1000 }, (_, index) => index % 11))
  const options = { capacity: 10, unit: 'objects', name: 'mru' } as const
  const { misses } = simulateWith((context) => new Mru(context), loop, options)
  expect(misses).toBeLessThan(120)
})
