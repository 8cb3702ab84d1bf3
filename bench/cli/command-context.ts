/** What a command gets besides its flags. */
export type CommandContext = {
  /** The command line, for the report. */
  readonly command: readonly string[]
  /** Ends the command in order. */
  readonly signal: AbortSignal
  /** Where progress is shown. */
  readonly stream: NodeJS.WriteStream
  /** Whether stdout gets the result as one JSON document instead of tables. */
  readonly json?: boolean
}
