/**
 * Half registrations, half resolutions: no application, but what shows whether flushes and compactions of a store hold up
 * those who resolve. Popularity is zipfian with the 0.99 of store benchmarks: an assumption.
 */
import type { Preset } from './preset.ts'

export const registerResolve = {
  name: 'register-resolve',
  description: 'Half registrations, half resolutions: do writes hold up reads?',
  mix: { resolve: 0.5, register: 0.5 },
  distribution: { name: 'zipfian', exponent: 0.99 },
} as const satisfies Preset
