import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeDirectory } from '../../src/support/make-directory.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'erji-make-directory-'))
})
afterAll(() => rm(root, { recursive: true }))

test('a directory is made with those above it, and again without harm', async () => {
  const path = join(root, 'a', 'b', 'c')
  await makeDirectory(path)
  await makeDirectory(path)
  expect((await stat(path)).isDirectory()).toBe(true)
})

test('eight at once may make one directory', async () => {
  for (let round = 0; round < 200; round++) {
    const path = join(root, `round-${round}`, 'b', 'c')
    await Promise.all(Array.from({ length: 8 }, () => makeDirectory(path)))
    expect((await stat(path)).isDirectory()).toBe(true)
  }
})

test('a link to a directory is one', async () => {
  await mkdir(join(root, 'real'))
  await symlink(join(root, 'real'), join(root, 'link'))
  await makeDirectory(join(root, 'link'))
  await makeDirectory(join(root, 'link', 'below'))
  expect((await stat(join(root, 'real', 'below'))).isDirectory()).toBe(true)
})

test('a file, what would be below one, and a link to nowhere are refused', async () => {
  await writeFile(join(root, 'file'), '')
  await symlink(join(root, 'nowhere'), join(root, 'dangling'))
  await expect(makeDirectory(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeDirectory(join(root, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  await expect(makeDirectory(join(root, 'dangling'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeDirectory(join(root, 'dangling', 'below'))).rejects.toMatchObject({ code: 'EEXIST' })
})

test.runIf(process.platform === 'linux')(
  'where a parent takes no children it ends with an error',
  async () => {
    await expect(makeDirectory('/proc/nope')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(makeDirectory('/proc/nope/below')).rejects.toMatchObject({ code: 'ENOENT' })
  },
)
