import { impossible } from './aims.ts'
import { incidentNames, stepFaults, steps, takeover } from './faults.ts'

const holds = ['server', 'unreachable', 'refused', 'failed', 'spent', 'busy']
const meanings = [
  'refused',
  'denied',
  'cannot',
  'astray',
  'later',
  'unreadable',
  'page',
  'unusable',
  'not-sent',
  'unknown',
]

/** All actions that `decide` may return. */
const actions: readonly string[] = [
  'use',
  ...['superseded', 'unmanageable', ...holds].map((drift) => `use, ${drift}`),
  'wait',
  'register',
  ...['update', 'renew', 'forgotten', 'credentials', 'key-lost', 'rotate', 'route'].map((why) => `replace, ${why}`),
  'update',
  'publish-keys',
  'renew',
  'look',
  'look, after an answer that was lost',
  'choose',
  ...['dynamic', 'metadata-document', 'pre-registered'].map((route) => `adopt, ${route}`),
  'settle',
  'renumber',
  'note',
  ...['missing', 'deleting', 'deleted', 'left-alone', 'ask', 'unregistered'].map((why) => `stop, ${why}`),
]

/** All names that may be counted, by what they are of. */
const countable: Readonly<Record<string, readonly string[]>> = {
  action: actions,
  register: meanings,
  update: meanings,
  look: meanings,
  'look shows': ['denied', 'cannot', 'nothing'],
  delete: meanings,
  'delete a replaced one': meanings,
  'token endpoint': ['alive', 'denied', 'nothing'],
}

/** The counts that stay 0, and why. */
const never: Readonly<Record<string, string>> = {
  'register: denied': 'there is no token or client that could be denied: a refusal is one',
  'register: cannot': 'counts as not sent',
  'register: astray': 'counts as unknown: the server may have acted before it led elsewhere',
  'look: refused': 'a GET declares nothing',
  'look: unusable':
    'what a look shows is not taken over before it was checked, and these servers show nothing that is forbidden',
  'delete: refused': 'a DELETE declares nothing, and no server here refuses one as wrong',
  'delete: unreadable': 'the answer to a deletion is read for a page or an error alone',
  'delete: unusable': 'a deletion brings nothing',
  'delete a replaced one: refused': 'a DELETE declares nothing, and no server here refuses one as wrong',
  'delete a replaced one: unreadable': 'the answer to a deletion is read for a page or an error alone',
  'delete a replaced one: unusable': 'a deletion brings nothing',
}

/** The counts of a run as a person reads them: actions, meanings, faults by step; and what is 0 without a reason. */
export function countLines(counts: Readonly<Record<string, number>>): { lines: string[]; unexplained: string[] } {
  const lines: string[] = []
  const unexplained: string[] = []
  for (const [what, names] of Object.entries(countable)) {
    lines.push('', what === 'action' ? 'What was decided:' : `What it meant (${what}):`)
    for (const name of names) {
      const times = counts[`${what}: ${name}`] ?? 0
      const reason = times === 0 ? (never[`${what}: ${name}`] ?? 'no reason') : undefined
      if (reason === 'no reason') unexplained.push(`${what}: ${name}`)
      lines.push(`${String(times).padStart(9)}  ${name}${reason === undefined ? '' : ` (${reason})`}`)
    }
  }
  lines.push(
    '',
    'Faults, by what the record said that somebody was at:',
    `${' '.repeat(44)}${steps.map((it) => it.slice(0, 8).padStart(9)).join('')}`,
  )
  for (const fault of [...stepFaults, ...incidentNames, takeover]) {
    const row = steps.map((step) => ({ step, times: counts[`fault: ${fault} | ${step}`] ?? 0 }))
    const reasons = row.flatMap(({ step, times }) => (times === 0 ? [impossible(fault, step)] : []))
    lines.push(`${fault.padEnd(44)}${row.map(({ times }) => String(times).padStart(9)).join('')}`)
    for (const reason of new Set(reasons)) if (reason !== undefined) lines.push(`${' '.repeat(46)}0: ${reason}`)
    for (const { step, times } of row)
      if (times === 0 && impossible(fault, step) === undefined) unexplained.push(`fault: ${fault} | ${step}`)
  }
  return { lines, unexplained }
}
