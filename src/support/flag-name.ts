/** `cacheBytes` as it is written on the command line: `cache-bytes`. */
export function flagName(setting: string): string {
  return setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
