/** What one client process is to do. */
export type ClientPlan = {
  readonly kind: 'single' | 'bulk' | 'reference'
  readonly host: string
  readonly port: number
  readonly authorization: string
  readonly prefix: string
  /** Part of every handle: no two runs register the same. */
  readonly run: string
  readonly connections: number
  readonly warmSeconds: number
  /** Acknowledged before the measurement begins, unless that takes `warmSecondsMax`: compiled code, not the compiler. */
  readonly warmRecords: number
  readonly seconds: number
  /** Records in one bulk request. */
  readonly bulkRecords: number
}

/** What it did in the measured seconds. */
export type ClientResult = {
  readonly records: number
  readonly failed: number
  readonly seconds: number
  /** Longest time without an acknowledgement on any connection. */
  readonly longestGapMs: number
  readonly clientCpuSeconds: number
}

/** The JSON of a record's values, as long as a realistic record. */
export const valuesJson = JSON.stringify([
  { index: 1, type: 'URL', data: { format: 'string', value: 'https://trace.example.org/item/0123456789' } },
  { index: 2, type: 'NAME', data: { format: 'string', value: '轴承 6204-2RS 批次 20260118' } },
  { index: 3, type: 'MAKER', data: { format: 'string', value: '88.118.7/MAKER-0042' } },
])
