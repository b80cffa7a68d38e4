// Walks through a registration at a real server and shows each step: `npm start`, or `npm start -- --help`.
import { readClientSecret } from './client-secret.ts'
import { codeOf } from './code.ts'
import type { Settings } from './settings.ts'
import { help, settingsFrom } from './settings.ts'
import { complain, good, quiet, say, strong } from './terminal.ts'
import type { Journey } from './walk.ts'
import { Walk } from './walk.ts'

try {
  const settings = settingsFrom(process.argv.slice(2))
  if (settings === undefined) say(help)
  else process.exitCode = (await go(settings)) ? 0 : 1
} catch (error) {
  complain(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

async function go(settings: Settings): Promise<boolean> {
  const { issuer, clientId } = settings
  if (issuer === undefined) return atOwnServer(settings)
  say(`A client will be registered at ${strong(issuer)}, and deleted again.`)
  const clientSecret = clientId === undefined ? undefined : await readClientSecret(clientId)
  return walk({ ...settings, issuer, clientSecret })
}

/** Where no server is named, a real one is started in this process; with the profile an emulator of SimpleIdServer. */
async function atOwnServer(settings: Settings): Promise<boolean> {
  const { startOidcProvider, startSimpleIdServer } = await import('@registrant/test/servers')
  const [kind, server] =
    settings.profile === undefined
      ? ['oidc-provider, a real authorization server,', await startOidcProvider()]
      : ['An emulator of SimpleIdServer', await startSimpleIdServer({ version: 'head', realms: true })]
  const { clientId, clientSecret } = server.registrar
  try {
    say(`${kind} runs inside this walk, at ${strong(server.issuer)}.`)
    const done = await walk({ ...settings, issuer: server.issuer, clientId, clientSecret })
    say(
      quiet(`The server is gone now; it held ${server.clients()} clients at the end. Yours next: npm start -- --help`),
    )
    return done
  } finally {
    await server.close()
  }
}

async function walk(journey: Journey): Promise<boolean> {
  const walked = new Walk(journey)
  const done = await walked.run()
  if (done) say(`\n${good('✓')} ${walked.report.sum}. The code that did it:\n\n${indented(codeOf(journey))}\n`)
  return done
}

function indented(code: string): string {
  return code.replaceAll(/^/gm, '   ')
}
