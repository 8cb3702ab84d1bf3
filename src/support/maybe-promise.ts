/** A value that an embedded engine has at once and a distributed one promises. */
export type MaybePromise<Value> = Value | Promise<Value>
