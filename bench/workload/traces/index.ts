/** The recorded traces that come with the harness, by name; their licence is beside them. */
export const shippedTraces = {
  web07: new URL('./data/cache2k_web07.oracleGeneral.bin.zst', import.meta.url),
} as const satisfies Record<string, URL>
