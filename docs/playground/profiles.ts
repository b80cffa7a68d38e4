import * as published from '@registrant/core/profiles'
import type { ServerProfile } from '@registrant/core/profiles'

/** A profile that can be chosen. */
export interface NamedProfile {
  /** The name of its export. */
  name: string
  profile: ServerProfile
  /** Its page in the docs. */
  page: string
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Every profile that is published, by the name that people know the server by. */
export const profiles: readonly NamedProfile[] = Object.entries(published)
  .map(([name, profile]) => ({ name, profile, page: `/servers/${kebab(name)}` }))
  .toSorted((a, b) => a.profile.name.localeCompare(b.profile.name))

/** The profile of that name; `undefined` where none is chosen. */
export const profileNamed = (name: string): ServerProfile | undefined =>
  profiles.find((it) => it.name === name)?.profile
