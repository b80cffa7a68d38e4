import type { Saved } from './load.ts'

/** The number alone would not do: a folder that was brought back from a backup has the same numbers once more. */
export const versionOf = ({ number, token }: Pick<Saved, 'number' | 'token'>): string => `${number}.${token}`
