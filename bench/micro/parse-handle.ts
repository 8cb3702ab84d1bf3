import { parseHandle } from '../../src/identifier/handle.ts'
import { handles } from './inputs.ts'
import { type MicroSuite, taskOver } from './suite.ts'

/** Every request parses one handle. */
export const parseHandleSuite: MicroSuite = () => [
  taskOver('parse a handle', handles, (text) => parseHandle(text).key.length),
  taskOver(
    'parse a handle in lower case',
    handles.map((text) => text.toLowerCase()),
    (text) => parseHandle(text).key.length,
  ),
]
