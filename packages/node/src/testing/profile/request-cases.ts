import { checkProfile } from '@registrant/core/checks'
import { RegistrationClient } from '@registrant/core'
import { InvalidRequestError } from '@registrant/core'
import type { Finding } from '@registrant/core'
import { ensureSame, ensureThat, failureOf } from './expect.ts'
import type { Imitation, ProfileCase } from './profile-case.ts'

/** Cases about what the profile says of a request before it is sent. */
export const requestCases: readonly ProfileCase[] = [
  [
    'finds nothing wrong with the members that the server knows',
    () => true,
    async ({ profile, behaviour: { takes, knows, names = {} } }) => {
      const standard = new Map(Object.entries(names).map(([name, own]) => [own, name]))
      const known = knows.map((member) => [member.replace(/#$/, '#fr'), 'text'] as const)
      const request = Object.fromEntries(
        [...known, ...Object.entries(takes)].map(([it, value]) => [standard.get(it) ?? it, value]),
      )
      const unknown = checkProfile(request, profile).filter(({ rule }) => rule !== 'warned')
      ensureSame(
        unknown.map(({ member }) => member),
        [],
        'members that are found wrong',
      )
    },
  ],
  [
    'says before it is sent that a member is unknown to the server: a refusal where the server refuses',
    () => true,
    async (imitation) => {
      const { behaviour } = imitation
      const level = behaviour.others === 'ignored' ? 'SHOULD' : 'MUST'
      await expectFinding(imitation, 'x_unknown', ['a list'], level)
      await expectFinding(imitation, 'x_unknown', 'text', behaviour.others === 'refused' ? 'MUST' : 'SHOULD')
      if (!behaviour.knows.includes('client_name#'))
        await expectFinding(
          imitation,
          'client_name#fr',
          'Commandes',
          behaviour.others === 'refused' ? 'MUST' : 'SHOULD',
        )
    },
  ],
  [
    'sends nothing that the server refuses whatever else the request says',
    ({ refuses = [] }) => refuses.length > 0,
    async (imitation) => {
      for (const key of imitation.behaviour.refuses ?? []) await expectFinding(imitation, ...memberOf(key), 'MUST')
    },
  ],
  [
    'says of each member that the server does not do as asked what it does with it',
    ({ alters = [] }) => alters.length > 0,
    async (imitation) => {
      for (const key of imitation.behaviour.alters ?? []) {
        const [member, value] = memberOf(key)
        const found = checkProfile({ [member]: value }, imitation.profile)
        ensureThat(
          found.some(({ rule }) => rule === 'warned'),
          `nothing is said of ${key}`,
        )
      }
    },
  ],
  [
    "sends a member under the server's name for it, and reads it back under the standard's",
    ({ names = {} }) => Object.keys(names).length > 0,
    async ({ behaviour, options }) => {
      const client = new RegistrationClient(options)
      for (const member of Object.keys(behaviour.names ?? {})) {
        const said: Record<string, unknown> = await client.register({ ...behaviour.takes, [member]: ['a'] })
        ensureSame(said[member], ['a'], member)
      }
    },
  ],
  [
    'knows what to say to a page that the server does not answer',
    ({ refusesPages = false }) => refusesPages,
    async ({ profile }) => ensureThat(profile.cors !== undefined, 'nothing is said of pages (CORS)'),
  ],
]

/** `member=value` as a member of a request: `true` as a boolean, any other value as text, and some text where there is none. */
function memberOf(key: string): [member: string, value: unknown] {
  const [member = '', value] = key.split('=')
  if (value === 'true') return [member, true]
  return [member, value ?? 'a value']
}

/** Expects of a registration with this member a finding about it, of this level; for a MUST, that nothing is sent. */
async function expectFinding(
  { behaviour, server, options }: Imitation,
  member: string,
  value: unknown,
  level: Finding['level'],
): Promise<void> {
  const found: Finding[] = []
  const onEvent = (event: { type: string; finding?: Finding }): void => {
    if (event.finding !== undefined) found.push(event.finding)
  }
  const client = new RegistrationClient({ ...options, onEvent })
  const before = server.count('register')
  const call = client.register({ ...behaviour.takes, [member]: value })
  if (level === 'MUST') {
    const error = await failureOf(call, `${member} was sent`)
    ensureThat(error instanceof InvalidRequestError, `${member}: ${String(error)}`)
    found.push(...error.findings)
    ensureSame(server.count('register') - before, 0, `requests with ${member}`)
  } else await call
  const its = found.filter((it) => it.member === member && it.source === options.profile.name)
  ensureThat(
    its.some((it) => it.level === level),
    `${member} is found ${its.map((it) => it.level).join() || 'good'}, not ${level}`,
  )
}
