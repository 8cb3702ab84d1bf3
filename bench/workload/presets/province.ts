/**
 * A province: what the ten secondary nodes of Anhui's action plan 2021 to 2023 would carry, on the node that is measured.
 *
 * - Ten prefixes, uneven by industry: load and run with `--prefixes 10`, which divides the identifiers over derived
 *   prefixes by industry and, within one, by Zipf's law (see `derived-prefixes.ts`). The plan names ten nodes and more than
 *   500 million identifiers; how they are divided is an assumption.
 * - The mix is that of the plan's applications, supply chain, traceability and life cycle, and smart city, in equal parts of
 *   the resolutions: an assumption. One registration in five operations by day, three in ten over all: between the national totals, in which
 *   registrations outnumber resolutions about four to one, and the figures of nodes in service, which resolve most: an assumption.
 * - By night machines go on while people sleep: the cycle is the length of the phase and has four quarters.
 */
import type { Preset } from './preset.ts'

const byDay = {
  resolve: 0.5,
  'resolve-type': 0.06,
  'resolve-index': 0.1,
  absent: 0.04,
  register: 0.2,
  'value-put': 0.08,
  'value-delete': 0.01,
  delete: 0.01,
} as const

const byNight = {
  resolve: 0.25,
  'resolve-index': 0.15,
  absent: 0.01,
  register: 0.5,
  'value-put': 0.08,
  delete: 0.01,
} as const

export const province = {
  name: 'province',
  description:
    'Ten nodes of a province in one: prefixes uneven by industry, people by day, machines by night',
  // The mean over the day.
  mix: {
    resolve: 0.4125,
    'resolve-type': 0.039,
    'resolve-index': 0.1175,
    absent: 0.0295,
    register: 0.305,
    'value-put': 0.08,
    'value-delete': 0.0065,
    delete: 0.01,
  },
  cycle: {
    moments: [
      { untilShare: 0.25, mix: byNight },
      { untilShare: 0.9, mix: byDay },
      { untilShare: 1, mix: byNight },
    ],
  },
  distribution: { name: 'mixture', exponent: 0.83 },
  counterfeitRatio: 0.2,
} as const satisfies Preset
