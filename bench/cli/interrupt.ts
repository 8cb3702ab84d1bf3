/** Listens for Ctrl-C and SIGTERM: the first ends the run in order, a second one at once. */
export function listenForInterrupt(options: { readonly stream: NodeJS.WritableStream }): {
  readonly signal: AbortSignal
  stop(): void
} {
  const interrupted = new AbortController()
  const onSignal = (): void => {
    if (interrupted.signal.aborted) process.exit(130)
    options.stream.write('\nstopping; what was measured is kept (again to stop at once)\n')
    interrupted.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: interrupted.signal,
    stop() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
