// `npm run example:spa`: the page, and an authorization server for it to register at.
import { startOidcProvider } from '@registrant/test/servers'
import { build, preview } from 'vite'

const configFile = `${import.meta.dirname}/vite.config.ts`
const server = await startOidcProvider({ open: true })
await build({ configFile })
const pages = await preview({ configFile, preview: { open: false } })
const [origin = ''] = pages.resolvedUrls?.local ?? []

console.log(`
The page:                  ${origin}?issuer=${encodeURIComponent(server.issuer)}
The authorization server:  ${server.issuer}

Open the page in several tabs: there is one client. Ctrl+C ends both.`)
