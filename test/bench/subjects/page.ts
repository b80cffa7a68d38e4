import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { bundlePage, issuer, visitPage } from '../../../packages/tools/check/page-visit.mjs'
import { browsers } from '../../browsers/start.ts'
import { startOidcProvider } from '../../servers/index.ts'
import type { Subject } from '../subject.ts'
import type { Ways } from '../turns.ts'

const cache = join(import.meta.dirname, '.cache')

/** Pages as each library's users write them; the title says when the client is there. A page that keeps nothing registers anew. */
const pages = {
  'raw fetch': `
    const { registration_endpoint } = await (await fetch('${issuer}/.well-known/openid-configuration')).json()
    const body = JSON.stringify({ redirect_uris: [location.origin + '/callback'] })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(registration_endpoint, { method: 'POST', headers, body })
    document.title = (await answer.json()).client_id`,
  '@registrant/browser': `
    import { indexedDbStore, RegistrationManager } from '@registrant/browser'
    const metadata = { redirect_uris: [location.origin + '/callback'] }
    const manager = new RegistrationManager({ issuer: '${issuer}', application: 'orders', metadata, store: indexedDbStore() })
    document.title = (await manager.ensure()).client_id`,
  oauth4webapi: `
    import * as oauth from 'oauth4webapi'
    const [issuer, options] = [new URL('${issuer}'), { [oauth.allowInsecureRequests]: true }]
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options))
    const metadata = { redirect_uris: [location.origin + '/callback'] }
    const answer = await oauth.dynamicClientRegistrationRequest(server, metadata, options)
    document.title = (await oauth.processDynamicClientRegistrationResponse(answer)).client_id`,
  'openid-client': `
    import * as client from 'openid-client'
    const metadata = { redirect_uris: [location.origin + '/callback'] }
    const options = { execute: [client.allowInsecureRequests] }
    const configuration = await client.dynamicClientRegistration(new URL('${issuer}'), metadata, undefined, options)
    document.title = configuration.clientMetadata().client_id`,
  '@modelcontextprotocol/sdk': `
    import { discoverAuthorizationServerMetadata, registerClient } from '@modelcontextprotocol/sdk/client/auth.js'
    const metadata = await discoverAuthorizationServerMetadata('${issuer}')
    const clientMetadata = { redirect_uris: [location.origin + '/callback'] }
    document.title = (await registerClient('${issuer}', { metadata, clientMetadata })).client_id`,
  '@inrupt/solid-client-authn-browser': `
    import { Session } from '@inrupt/solid-client-authn-browser'
    const tell = (address) => { document.title = new URL(address).searchParams.get('client_id') }
    const redirectUrl = location.origin + '/callback'
    await new Session().login({ oidcIssuer: '${issuer}', redirectUrl, clientName: 'Orders', handleRedirect: tell })`,
}

/** 1.6 Mbit/s. */
const bytesPerSecond = 200_000

/** Pages that a bundler has bundled; the figures of a first visit and of a returning one. */
export const pageSubject = (bundler: 'esbuild' | 'rolldown'): Subject => ({
  name: `page-${bundler}`,
  title: `A page, bundled by ${bundler}`,
  about:
    'Chromium at a real server, each file 100 ms and all over a line of 1.6 Mbit/s. kB (1,000 bytes) after gzip -9; a wave is a time that files wait for files; seconds until the client is known, on a first visit and a returning one.',
  rounds: 11,
  figures: {
    kB: 'kB',
    files: 'files',
    waves: 'waves',
    first: 's, first visit',
    returningKb: 'kB again',
    returning: 's, returning',
    requests: 'registrations in two visits',
  },
  base: 'raw fetch',
  async open() {
    const chromium = browsers.find(({ name }) => name === 'Chromium')
    if (chromium === undefined) throw new Error('This needs Chromium')
    const browser = await chromium.start()
    const server = await startOidcProvider({ open: true })
    const ways: Record<string, Ways[string]> = {}
    for (const [index, [name, program]] of Object.entries(pages).entries()) {
      const here = join(cache, `${bundler}-${index}`)
      await bundlePage(program, { name: `page-${index}`, from: join(cache, 'entries'), here, bundler })
      ways[name] = async () => {
        const before = server.clients()
        const { first, returning } = await visitPage(here, { browser, server, delay: 100, bytesPerSecond })
        const { kB, files, waves } = first
        const requests = server.clients() - before
        return {
          kB,
          files,
          waves,
          first: first.seconds,
          returningKb: returning.kB,
          returning: returning.seconds,
          requests,
        }
      }
    }
    return {
      ways,
      async [Symbol.asyncDispose]() {
        await Promise.all([browser.close(), server.close()])
        await rm(cache, { recursive: true, force: true })
      },
    }
  },
})
