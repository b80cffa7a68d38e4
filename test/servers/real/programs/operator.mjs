// What a person would do at the console of a server: a little HTTP server beside it, for the process that runs the tests.
import { createServer } from 'node:http'

/** Listens on loopback; each action gets a client's id, and what it returns is the answer. */
export async function operator(actions) {
  const server = createServer(async (request, response) => {
    let clientId = ''
    for await (const part of request) clientId += part
    const action = actions[request.url.slice(1)]
    try {
      const said = action === undefined ? undefined : await action(clientId)
      response.writeHead(action === undefined ? 404 : 200).end(said === undefined ? '' : String(said))
    } catch (error) {
      response.writeHead(500).end(error.stack)
    }
  })
  return listen(server)
}

/** Its address, once it listens. */
export async function listen(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${server.address().port}`
}

/** Says where everything is: the line that the tests wait for. */
export const ready = (address) => console.log(JSON.stringify(address))
