/** Joins concurrent calls for one key into one: a thousand callers, one call under way. */
export class SingleFlight<Value> {
  readonly #underWay = new Map<string, { readonly token: number; readonly promise: Promise<Value> }>()

  /**
   * Starts `work` or joins the call under way for `key`. A call that started under another `token` is not joined:
   * what it will find may be older than what the caller is entitled to see.
   */
  run(key: string, token: number, work: () => Promise<Value>): Promise<Value> {
    const joined = this.#underWay.get(key)
    if (joined !== undefined && joined.token === token) return joined.promise
    const promise = work().finally(() => {
      if (this.#underWay.get(key)?.promise === promise) this.#underWay.delete(key)
    })
    this.#underWay.set(key, { token, promise })
    return promise
  }
}
