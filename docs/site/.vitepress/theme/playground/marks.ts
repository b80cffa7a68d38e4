import type { Finding } from '@registrant/core/checks'

import type { Mark } from './editor.ts'

const severities = { MUST: 'error', SHOULD: 'info', PREFLIGHT: 'warning' } as const

/** What is marked in the text that was judged. */
export const marksOf = (problem: string | undefined, findings: readonly Finding[]): Mark[] => [
  ...(problem === undefined ? [] : [{ member: undefined, severity: 'error' as const, message: problem }]),
  ...findings.map(({ member, level, message }) => ({ member, severity: severities[level], message })),
]
