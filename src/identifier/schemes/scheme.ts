/** An identifier of another scheme, taken apart. */
export type Recognised = {
  readonly scheme: string
  /** One spelling for all that mean the same: what a record of this node is registered under. */
  readonly canonical: string
  /** The same without its last qualifier, again and again: whoever has no record of its own has the one above it. */
  readonly broader: readonly string[]
  /** What it is made of, by the names that its standard uses. */
  readonly parts: Readonly<Record<string, string>>
  /** Why it is not one, though it has the form; absent for one that is. */
  readonly problem?: string
}

/** One row of the table of schemes. */
export type Scheme = {
  readonly name: string
  /** Which standard defines it. */
  readonly source: string
  /** Undefined for a text that has another form. */
  recognise(text: string): Recognised | undefined
}
