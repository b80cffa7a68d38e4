// A service that is configured by its environment alone: registers at its start, tells what came of it, and ends cleanly when it is told to.
import { managerFromEnvironment } from '@registrant/node/environment'

const manager = await managerFromEnvironment(process.env, {
  onEvent: ({ type }) => {
    if (type === 'intent') process.stdout.write('intent\n')
  },
})
process.once('SIGTERM', () => void manager.close())
try {
  const { client_id } = await manager.ensure()
  process.stdout.write(`${client_id}\n`)
} catch (error) {
  process.stdout.write(`failed: ${error instanceof Error ? error.message : String(error)}\n`)
}
await manager.close()
