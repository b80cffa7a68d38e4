// Runs every case that needs no files in a worker, when it is asked: the body names the servers.
import { outcomesOf } from './case.ts'
import { clientCases } from './client.ts'
import { managerCases } from './manager.ts'
import { roomCases } from './rooms.ts'

export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(
      await outcomesOf([...clientCases, ...managerCases, ...roomCases], JSON.parse(await request.text())),
    )
  },
}
