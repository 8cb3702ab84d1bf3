import { decodeRecord, encodeRecord } from '../../src/identifier/record-encoding.ts'
import { records } from './inputs.ts'
import { type MicroSuite, taskOver } from './suite.ts'

/** Every miss of the cache decodes one record. */
export const decodeRecordSuite: MicroSuite = () => {
  const encoded = records.map((record) => encodeRecord(record))
  return [taskOver('decode a record', encoded, (bytes) => decodeRecord(bytes).values.length)]
}
