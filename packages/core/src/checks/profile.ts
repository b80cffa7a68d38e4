import type { Rule } from '../client/options.ts'
import { isAny, isFilled } from '../client/options.ts'
import { entryOf, standardName, wireName } from '../exchange/json.ts'
import type { Finding } from '../model/http.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'

/**
 * Compares a request with a server's profile: members outside its closed list, and members that it refuses or warns of.
 *
 * @example
 * ```ts
 * import { checkProfile } from '@registrant/core/checks'
 * import { keycloak } from '@registrant/core/profiles'
 *
 * const findings = checkProfile({ redirect_uris: ['https://app.example/callback'], application_type: 'web' }, keycloak)
 * ```
 */
export function checkProfile(request: object, profile: ServerProfile | undefined): Finding[] {
  if (!profile) return []
  const source = profile.name
  const findings: Finding[] = []
  const seen = new Map<string, string>()
  for (const [member, value] of Object.entries(request)) {
    if (value === undefined || value === null || value === '') continue
    const normal = normalName(member, profile)
    const twin = seen.get(normal)
    if (twin !== undefined) {
      findings.push({
        member,
        rule: 'name-twice',
        level: 'MUST',
        source,
        message: `${member} and ${twin} are the same member to this server; send one of them.`,
      })
    }
    seen.set(normal, member)
    findings.push(...judgeMember(profile, member, value).map((said) => ({ member, source, ...said })))
  }
  return findings
}

/**
 * One name for all names of the same member: `client_name#` and `client_name`, two spellings of one language tag, a standard
 * member and the server's own name for it.
 */
const normalName = (member: string, profile: ServerProfile): string => {
  const [name = '', tag = ''] = wireName(member, profile).split('#')
  return `${name}#${tag.toLowerCase()}`
}

/** Whether a profile can name a value as `member=value`. */
const isNamed = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** What a profile says of one member of a request: whether the server knows it, refuses it, or does something else with it. */
export function judgeMember(
  profile: ServerProfile,
  member: string,
  value: unknown,
): Pick<Finding, 'rule' | 'level' | 'message'>[] {
  const { accepts, unknownMembers, refuses, warns } = profile
  const [plain = '', tag] = member.split('#')
  const name = wireName(plain, profile)
  const items: unknown[] = Array.isArray(value) ? value : [value]
  const values = ['', ...items.flatMap((item) => (isNamed(item) ? `=${String(item)}` : []))]
  const keys = [...new Set([standardName(plain, profile), name])].flatMap((it) => values.map((said) => it + said))
  const said = (sentences: typeof warns): string[] => keys.flatMap((key) => entryOf(sentences, key) ?? [])

  const refused = said(refuses).map((message) => ({ rule: 'refused', level: 'MUST' as const, message }))
  if (refused.length > 0) return refused
  if (accepts?.includes(tag ? `${name}#` : name) === false) {
    const ignored = unknownMembers === undefined ? typeof value === 'string' : unknownMembers === 'ignored'
    const where = tag ? ' in a language' : ''
    const message = `This server does not know this member${where}; leave it out.`
    return [{ rule: 'not-accepted', level: ignored ? 'SHOULD' : 'MUST', message }]
  }
  return said(warns).map((message) => ({ rule: 'warned', level: 'SHOULD' as const, message }))
}

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isFilled)
/** A `Map` is no table: it would look empty, and its methods like members. */
const isTable = (value: unknown): boolean =>
  Object.prototype.toString.call(value) === '[object Object]' && isTexts(Object.values(Object(value)))
const isOperation = isAny('token', 'register', 'read', 'update', 'delete')

function isAdvice(value: unknown): boolean {
  const { status, message, error = 'any', operation = 'token' }: Partial<Record<string, unknown>> = Object(value)
  return Number.isInteger(status) && isFilled(message) && isFilled(error) && isOperation(operation)
}

/** A table of what a client can be managed by: another name would never be asked for. */
const isOfManagement = (value: unknown): boolean =>
  isTable(value) && Object.keys(Object(value)).every(isAny('read', 'update', 'delete'))

const rules: readonly Rule[] = [
  ['name cors', isFilled, 'It must be a text'],
  ['accepts derived refusedTokenCodes', isTexts, 'It must be a list of texts'],
  ['aliases refuses warns', isTable, 'It must be an object whose values are texts'],
  ['cannot', isOfManagement, 'It must be an object whose values are texts, for read, update and delete'],
  ['unknownMembers', isAny('refused', 'ignored'), 'It must be refused or ignored'],
  ['clears', isAny('left-out', 'empty'), 'It must be left-out or empty'],
  [
    'managementAuthorization',
    isAny('registration-token', 'access-token'),
    'It must be registration-token or access-token',
  ],
  ['tokenAudience', isAny('issuer', 'token_endpoint'), 'It must be issuer or token_endpoint'],
  ['registrationEndpoint', isMade(/^\{issuer\}/), 'It must be an address that begins with {issuer}'],
  ['managementUri', isMade(/\{client_id\}/), 'It must be an address that holds {client_id}'],
  [
    'singleUseToken bearerOnly readSecretIsHashed basicIsDecoded trustRejections',
    isAny(true, false),
    'It must be true or false',
  ],
  [
    'advice',
    (value) => Array.isArray(value) && value.every(isAdvice),
    'It must be a list of objects with a status and a message; operation names one of token, register, read, update, delete',
  ],
]

/** Whether a template holds that part, and gives an address that can be asked once its placeholders are filled in. */
function isMade(part: RegExp) {
  return (value: unknown): boolean => {
    if (typeof value !== 'string' || !part.test(value)) return false
    const made = value
      .replace(/^\{(?:issuer|registration_endpoint)\}/, 'https://as.example')
      .replaceAll(/\{(?:issuer|client_id|registration_endpoint)\}/g, 'x')
    return /^https?:/.test(made) && URL.canParse(made)
  }
}

/**
 * What is wrong with a profile of your own: members that are missing or have another type than `ServerProfile` says, each a
 * `MUST`. A client and a manager that are given such a profile refuse to work with it, with these findings. Pure, and it never
 * throws.
 *
 * @example
 * ```ts
 * import { checkServerProfile } from '@registrant/core/checks'
 *
 * for (const { member, message } of checkServerProfile(JSON.parse('{ "accepts": "scope" }'))) console.log(member, message)
 * ```
 */
export function checkServerProfile(profile: ServerProfile): Finding[] {
  const given: object = Object(profile)
  const wrong = (name: string, message: string): Finding => ({
    member: `profile.${name}`,
    message,
    rule: 'option',
    level: 'MUST',
    source: 'options',
  })
  const missing = Reflect.get(given, 'name') === undefined ? [wrong('name', 'It is missing')] : []
  const others = rules.flatMap(([names, is, message]) =>
    names.split(' ').flatMap((name) => {
      const value: unknown = Reflect.get(given, name)
      return value === undefined || is(value) ? [] : wrong(name, message)
    }),
  )
  return [...missing, ...others]
}
