import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { reasonsToStay } from '../../packages/core/src/exchange/updated-metadata.ts'
import { kinds } from '../../packages/core/src/model/members.ts'

export const place = join(import.meta.dirname, '../../docs/updates.md')

/** Why each member travels in an update or stays away, from the list that decides it. */
export function page(): string {
  const members = [...kinds.keys()].toSorted()
  const reasons = reasonsToStay.map(({ name, why }) => `| ${name} | ${why} |`)
  const rows = members.map((member) => {
    const held = reasonsToStay.filter(({ mayHold }) => mayHold(member)).map(({ name }) => name)
    if (held[0] === 'credential') return `| \`${member}\` | never | credential |`
    return `| \`${member}\` | always, unless | ${held.join(', ')} |`
  })
  return `# What an update sends

An update replaces the whole registration, so all of it is sent (RFC 7592 section 2.2): what \`changes\` says, and of what the
server last said, or left out of its answer, everything that is not kept back for one of these reasons. What \`changes\` says
travels in any case, unless it is a credential. \`null\` takes a member out: it is left out, or sent as its empty value where
the server's profile says that it clears so (\`clears: 'empty'\`).

| reason | when a member travels |
| --- | --- |
${reasons.join('\n')}

A member in a language (\`client_name#fr\`) goes with the plain one, a vendor's own member with the reason vendor.

| member | travels | kept back as |
| --- | --- | --- |
${rows.join('\n')}
`
}

if (import.meta.main) writeFileSync(place, page())
