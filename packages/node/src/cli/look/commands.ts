import type { Command } from '../command.ts'
import { check } from './check.ts'
import { decode } from './decode.ts'
import { document } from './document.ts'
import { doctor } from './doctor.ts'
import { read } from './read.ts'
import { status } from './status.ts'

/** The commands that show how things stand. */
export const lookCommands: readonly Command[] = [status, read, doctor, check, document, decode]
