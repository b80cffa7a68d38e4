// Runs every case in a runtime that has processes and files, and tells their outcomes. Nothing ends it: an import or a manager
// that kept it alive would show.
import { outcomesOf } from './case.ts'
import { clientCases } from './client.ts'
import { fileCases } from './files.ts'
import { managerCases } from './manager.ts'
import { roomCases } from './rooms.ts'

const outcomes = await outcomesOf(
  [...clientCases, ...managerCases, ...roomCases, ...fileCases],
  JSON.parse(process.argv[2] ?? ''),
)
console.log(JSON.stringify(outcomes))
