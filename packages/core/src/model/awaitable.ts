/** A value, or a promise of it: what a strategy function may return. */
export type Awaitable<T> = T | Promise<T>
