import type { Command } from '../command.ts'
import { deleteClient } from './delete.ts'
import { ensure } from './ensure.ts'
import { forget } from './forget.ts'
import { init } from './init.ts'
import { recover } from './recover.ts'
import { rotate } from './rotate.ts'
import { sweep } from './sweep.ts'

/** The commands that make, change or end a registration. */
export const keepCommands: readonly Command[] = [init, ensure, rotate, recover, forget, deleteClient, sweep]
