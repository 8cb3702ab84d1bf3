import type { RateProfile } from './profile.ts'

/** Every rate profile, by the name used in flags and reports. */
export const profiles = {
  flat: {
    meaning: 'the same rate throughout; over hours, a soak',
    points: [
      { share: 0, factor: 1 },
      { share: 1, factor: 1 },
    ],
  },
  ramp: {
    meaning: 'from a twentieth of the rate up to it, evenly: where does latency begin to rise?',
    points: [
      { share: 0, factor: 0.05 },
      { share: 1, factor: 1 },
    ],
  },
  steps: {
    meaning: 'five even steps up to the rate, each long enough to settle',
    points: [0.2, 0.4, 0.6, 0.8, 1].flatMap((factor, step) => [
      { share: step / 5, factor },
      { share: (step + 1) / 5, factor },
    ]),
  },
  spike: {
    meaning: 'a fifth of the rate, all of it for a fifth of the time, and back: a product launch',
    points: [
      { share: 0, factor: 0.2 },
      { share: 0.4, factor: 0.2 },
      { share: 0.4, factor: 1 },
      { share: 0.6, factor: 1 },
      { share: 0.6, factor: 0.2 },
      { share: 1, factor: 0.2 },
    ],
  },
  day: {
    // An assumption: people scan by day, most in the evening, few before dawn. No published curve of this load was found.
    meaning: 'a day of consumer scans from midnight to midnight, pressed into the duration',
    points: [0.3, 0.18, 0.12, 0.15, 0.4, 0.65, 0.75, 0.72, 0.7, 0.85, 1, 0.7, 0.3].map(
      (factor, slot, all) => ({
        share: slot / (all.length - 1),
        factor,
      }),
    ),
  },
} as const satisfies Record<string, RateProfile>
export type ProfileName = keyof typeof profiles

/** The names, in the order in which help texts list them. */
export const profileNames = Object.keys(profiles) as [ProfileName, ...ProfileName[]]
