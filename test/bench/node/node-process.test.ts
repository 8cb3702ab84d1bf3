import { expect, test } from 'vitest'
import { listeningUrl } from '../../../bench/node/node-process.ts'

test('the address is read from the log line that says the node listens, and from no other', () => {
  expect(listeningUrl('{"level":30,"msg":"listening","url":"http://127.0.0.1:41234"}')).toBe(
    'http://127.0.0.1:41234',
  )
  expect(listeningUrl('{"level":30,"msg":"stopped listening"}')).toBeUndefined()
  expect(listeningUrl('{"level":30,"msg":"request","path":"\\"listening\\""}')).toBeUndefined()
  expect(listeningUrl('{"msg":"listening"')).toBeUndefined()
  expect(listeningUrl('listening on http://127.0.0.1:1')).toBeUndefined()
})
