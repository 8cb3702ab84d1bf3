import { arcLis } from './arc-lis.ts'
import { csv } from './csv.ts'
import { erjiAccess } from './erji-access.ts'
import { cache2k, u32 } from './integer-traces.ts'
import { lcs } from './lcs.ts'
import { oracleGeneral } from './oracle-general.ts'
import { txt } from './plain-text.ts'
import type { TraceFormat } from './trace-format.ts'
import { twitterCsv } from './twitter-csv.ts'

/** Every format, by the name used in flags; the first that matches a file is taken, so the narrower ones come first. */
export const traceFormats = {
  erji: erjiAccess,
  lcs,
  oracleGeneral,
  twitter: twitterCsv,
  csv,
  txt,
  arc: arcLis,
  cache2k,
  u32,
} as const satisfies Record<string, TraceFormat>

export type TraceFormatName = keyof typeof traceFormats
export const traceFormatNames = Object.keys(traceFormats) as [TraceFormatName, ...TraceFormatName[]]
