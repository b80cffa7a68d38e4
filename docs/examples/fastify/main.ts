import { managerFromEnvironment } from '@registrant/node/environment'
import { logEvents } from '@registrant/node/log'

import { buildService } from './service.ts'

const manager = await managerFromEnvironment(process.env, { onEvent: logEvents(console) })
const app = await buildService(manager)
process.once('SIGTERM', () => void app.close())
await app.listen({ port: Number(process.env['PORT'] ?? 8080), host: '0.0.0.0' })
