import { encodeRecord } from '../../src/identifier/record-encoding.ts'
import { records } from './inputs.ts'
import { type MicroSuite, taskOver } from './suite.ts'

/** Every registration encodes one record. */
export const encodeRecordSuite: MicroSuite = () => [
  taskOver('encode a record', records, (record) => encodeRecord(record).length),
]
