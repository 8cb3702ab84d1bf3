import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { NodePlace } from '../support/node-process.ts'

const areForTheAsking = readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8').includes(
  '[madvise]',
)

test.runIf(areForTheAsking)(
  'a node asks for huge pages unless it is told not to, as the process that was started',
  async () => {
    await using place = await NodePlace.create()
    const asking = await place.start()
    expect(tunablesOf(asking.pid)).toBe('glibc.malloc.hugetlb=1')
    expect((await asking.stop()).code).toBe(0)
    const content = await place.start({ 'huge-pages': 'off' })
    expect(tunablesOf(content.pid)).toBeUndefined()
  },
)

function tunablesOf(pid: number): string | undefined {
  const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  return variables.find((variable) => variable.startsWith('GLIBC_TUNABLES='))?.slice('GLIBC_TUNABLES='.length)
}
