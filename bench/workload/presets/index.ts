import { lifeCycle } from './life-cycle.ts'
import type { Preset } from './preset.ts'
import { province } from './province.ts'
import { registerResolve } from './register-resolve.ts'
import { registrationHeavy } from './registration-heavy.ts'
import { smartCity } from './smart-city.ts'
import { supplyChain } from './supply-chain.ts'
import { traceability } from './traceability.ts'
import { ycsbA, ycsbB, ycsbC, ycsbD, ycsbE, ycsbF } from './ycsb.ts'

/** Every preset, by the name that the command line takes. */
export const presets = {
  traceability,
  'supply-chain': supplyChain,
  'life-cycle': lifeCycle,
  'smart-city': smartCity,
  'registration-heavy': registrationHeavy,
  'register-resolve': registerResolve,
  province,
  'ycsb-a': ycsbA,
  'ycsb-b': ycsbB,
  'ycsb-c': ycsbC,
  'ycsb-d': ycsbD,
  'ycsb-e': ycsbE,
  'ycsb-f': ycsbF,
} as const satisfies Record<string, Preset>

export type PresetName = keyof typeof presets

/** The names, for the command line to list. */
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]]
