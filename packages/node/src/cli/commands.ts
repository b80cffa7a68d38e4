import type { Command } from './command.ts'
import { keepCommands } from './keep/commands.ts'
import { lookCommands } from './look/commands.ts'
import { role } from './print/role.ts'

/** Every command but the one that completes them. */
export const commands: readonly Command[] = [...keepCommands, ...lookCommands, role]
