/** Waits so many seconds, none where they are below 0; resolves to false as soon as the signal aborts first. */
export function slept(seconds: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve(!signal.aborted)
    }
    const timer = setTimeout(finish, Math.max(0, seconds) * 1000)
    signal.addEventListener('abort', finish)
    if (signal.aborted) finish()
  })
}
