import { RegistrationClient } from '@registrant/core'
import type { Finding, ServerProfile } from '@registrant/core'
import { checkRequest, preflight } from '@registrant/core/checks'
import { registrationRequestSchema } from '@registrant/core/schema'

import { profileOf } from '../../environment/configuration.ts'
import { objectIn } from '../ask.ts'
import type { Command } from '../command.ts'
import { configuredFor } from '../configured.ts'
import { exitCodes } from '../exit-code.ts'
import { printable } from '../show.ts'

export const check: Command = {
  name: 'check',
  usage: 'FILE [--server]',
  summary: 'judge metadata by the rules, before anything is sent',
  help: `Judges the metadata in FILE (JSON; - for standard input) by the specifications, and by the configured profile.
With --server the server is asked what it supports, and what does not fit is told too.

MUST is refused before it is sent; SHOULD is worth knowing; PREFLIGHT does not fit what the server says of itself.`,
  options: { server: { type: 'boolean', means: 'compare with what the configured server supports' } },
  operands: [1, 1],
  async run(call) {
    const [path = '-'] = call.operands
    const asServer = call.flag('server')
    const { members } = await configuredFor(call, asServer ? ['issuer'] : [])
    const metadata = await objectIn(path, call.signal)
    const profile = profileOf(members)
    const judged = checkRequest(metadata, profile)
    const isTold = (member: string): boolean => judged.some((it) => it.rule === 'misspelt' && it.member === member)
    const findings: Finding[] = [...unknown(metadata, profile).filter((it) => !isTold(it.member)), ...judged]
    if (asServer) {
      const { issuer = '', allowHttp } = members
      const server = await new RegistrationClient({ issuer, profile, allowHttp }).discover({ signal: call.signal })
      findings.push(...preflight(metadata, server, profile))
    }
    const isRefused = findings.some(({ level }) => level === 'MUST')
    return {
      lines: findings.length === 0 ? [`✓ ${path} breaks no rule`] : findings.map(lineOf),
      json: { findings },
      exitCode: isRefused ? exitCodes.policy : exitCodes.done,
    }
  },
}

/** A finding in one line: whether it is refused, what is wrong, and where that is said. */
export const lineOf = ({ level, member, message, source }: Finding): string =>
  `${level === 'MUST' ? '✗' : '!'} ${level} ${printable(member)}: ${printable(message)} [${printable(source)}]`

/** Members that no specification knows: misspelt, or the server's own. */
function unknown(metadata: Record<string, unknown>, profile: ServerProfile | undefined): Finding[] {
  const { issues = [] } = registrationRequestSchema['~standard'].validate(metadata)
  return issues
    .filter(
      ({ message, path = [] }) =>
        message.startsWith('There is no such') && profile?.accepts?.includes(String(path[0])) !== true,
    )
    .map(({ path = [] }) => ({
      member: path.join('.'),
      message: 'No specification knows it. Is it spelled right, or the own of a server that has a profile?',
      rule: 'unknown-member',
      level: 'SHOULD',
      source: 'RFC 7591 section 2',
    }))
}
