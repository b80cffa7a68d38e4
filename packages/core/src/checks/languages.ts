import { localizable } from '../model/localizable.ts'
import { untagged } from './rule.ts'
import type { Check } from './find.ts'

/** R27: texts in several languages. */
export const languages: Check = (request, find) => {
  const seen = new Set<string>()
  for (const member of Object.keys(request)) {
    if (!member.includes('#')) continue
    const name = untagged(member)
    const tag = member.slice(name.length + 1)
    const say = (message: string): void => find('R27', member, message, 'RFC 7591 section 2.2', 'SHOULD')
    if (!localizable.includes(name)) say('This member has no languages.')
    else if (!isTag(tag)) say('What follows # is not a language tag (BCP 47).')
    else if (!Object.hasOwn(request, name)) say(`Send ${name} without a tag too, for servers that know no languages.`)
    if (seen.has(member.toLowerCase())) say('This language was sent before in another spelling.')
    seen.add(member.toLowerCase())
  }
}

const isTag = (tag: string): boolean => {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}
