// The playground as people use it: by its examples, by typing, with the keyboard, by an address that somebody sent.
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

import type { HTTPResponse, Page } from 'puppeteer-core'

import { look } from './browser.ts'
import { judge } from './judge.ts'

/** What the page may need, with gzip, in bytes. */
const budget = 450_000

/** Drives the page; what is wrong is said. `allow` lets it ask one more host. */
export async function checkPlayground(
  tab: Page,
  site: string,
  say: (wrong: string) => void,
  allow: (host: string) => void,
): Promise<void> {
  const driver = new Driver(tab, `${site}/playground`, say)
  await look(tab, 1280, 'light')
  await weigh(driver, site)
  await examples(driver)
  await typing(driver)
  await addresses(driver)
  await answers(driver)
  await fetching(driver, allow)
  for (const hash of [
    '#example=broken',
    '#example=simpleidserver',
    '#example=broken&tab=document',
    '#example=mcp&tab=document',
  ])
    for (const [width, scheme] of looks) {
      await driver.open(hash)
      for (const wrong of await judge(tab, width, scheme)) say(`${hash}: ${wrong}`)
    }
}

const looks = [
  [1280, 'light'],
  [1280, 'dark'],
  [375, 'dark'],
  [320, 'light'],
] as const

const sum = 'section .playground-sum'
const findings = '.playground-findings'
const content = '.playground-editor .cm-content'

class Driver {
  readonly tab: Page
  readonly page: string
  readonly say: (wrong: string) => void

  constructor(tab: Page, page: string, say: (wrong: string) => void) {
    this.tab = tab
    this.page = page
    this.say = say
  }

  /** Opens the page anew, and waits for its editor. */
  async open(hash = ''): Promise<void> {
    await this.tab.goto('about:blank')
    await this.tab.goto(this.page + hash, { waitUntil: 'networkidle0' })
    await this.tab.waitForSelector('.playground-editor[data-loaded=true] .cm-content', { timeout: 10_000 })
  }

  text(selector: string): Promise<string> {
    return this.tab.$$eval(selector, (found) => found.map((it) => it.textContent ?? '').join('\n'))
  }

  /** Something that matches says this before ten seconds are over. */
  async says(what: string, selector: string, part: string): Promise<void> {
    const wait = this.tab.waitForFunction(
      (at, wanted) => [...document.querySelectorAll(at)].some((it) => it.textContent?.includes(wanted)),
      { timeout: 10_000 },
      selector,
      part,
    )
    await wait.catch(async () => {
      const told = (await this.text(selector)).replaceAll(/\s+/g, ' ').slice(0, 300)
      this.say(`${what}: ${selector} does not say "${part}" but "${told}"`)
    })
  }

  async is(what: string, wanted: boolean | Promise<boolean>): Promise<void> {
    if (!(await wanted)) this.say(what)
  }

  /** Replaces what stands in the first editor. */
  async type(text: string): Promise<void> {
    await this.tab.click(content)
    await this.tab.keyboard.down('Control')
    await this.tab.keyboard.press('KeyA')
    await this.tab.keyboard.up('Control')
    await this.tab.keyboard.press('Backspace')
    await this.tab.keyboard.type(text)
  }

  /** Puts an answer in its place. */
  async answer(text: string): Promise<void> {
    await this.tab.$eval(
      '.playground-answer',
      (area, next) => {
        if (area instanceof HTMLTextAreaElement) area.value = next
        area.dispatchEvent(new Event('input', { bubbles: true }))
      },
      text,
    )
  }
}

/** Everything that is loaded, the editor too, and that the editor comes after the first paint. */
async function weigh(driver: Driver, site: string): Promise<void> {
  const { tab } = driver
  const responses: HTTPResponse[] = []
  const note = (response: HTTPResponse): void => void responses.push(response)
  tab.on('response', note)
  await driver.open()
  tab.off('response', note)
  const bodies = await Promise.all(responses.filter((it) => it.url().startsWith(site)).map((it) => it.buffer()))
  const bytes = bodies.reduce((total, body) => total + gzipSync(body, { level: 9 }).length, 0)
  console.log(`The playground needs ${Math.round(bytes / 1000)} kB with gzip, of ${budget / 1000}`)
  await driver.is(`the playground needs ${bytes} bytes`, bytes < budget)
  const late = await tab.evaluate(() => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime
    const editor = performance.getEntriesByType('resource').find(({ name }) => name.includes('/editor.'))?.startTime
    return paint !== undefined && editor !== undefined && editor > paint
  })
  await driver.is('the editor is not loaded after the first paint', late)
}

async function examples(driver: Driver): Promise<void> {
  const { tab } = driver
  await driver.open()
  const told: Readonly<Record<string, readonly [sum: string, verdict: string]>> = {
    service: ['Nothing is wrong', 'Registered, as s6BhdRkqt3.'],
    page: ['Nothing is wrong', 'Registered, as p-71.'],
    native: ['Nothing is wrong', 'Refused: PolicyError, redirect-uri-added.'],
    mcp: ['Nothing is wrong', 'Registered, as a-5.'],
    simpleidserver: ['1 worth knowing', 'Registered, as d371c91b'],
    openbanking: ['2 worth knowing', 'Registered, as b-9.'],
    broken: ['6 refuse it, 2 do not fit the server, 2 worth knowing', 'Refused: ServerRefusedError'],
  }
  const names = await tab.$$eval('.playground-bar option', (found) => found.map((it) => it.value))
  await driver.is(`the examples are ${names.join(' ')}`, names.join() === Object.keys(told).join())
  for (const [name, [findingsOf, verdict]] of Object.entries(told)) {
    await tab.select('.playground-bar select', name)
    await driver.says(name, sum, findingsOf)
    await driver.says(name, sum, verdict)
    for (const [index, part] of [
      'HTTP/1.1',
      'curl -i',
      '@registrant/node',
      '@registrant/browser',
      'core/exchange',
    ].entries()) {
      await tab.click(`.playground-tabs.is-small button:nth-child(${index + 1})`)
      await driver.says(name, '.playground-code', part)
    }
  }
}

/** Milliseconds after which a suggestion may be chosen: at once it could be a slip. */
const settled = 200

async function typing(driver: Driver): Promise<void> {
  const { tab } = driver
  await driver.open('#example=page')
  await driver.type('{')
  await tab.keyboard.press('Enter')
  await tab.keyboard.type('"grant_t')
  await driver.says('a member is completed', '.cm-tooltip-autocomplete', 'grant_types')
  await driver.says('and explained', '.cm-completionInfo', 'exchange for tokens')
  await sleep(settled)
  await tab.keyboard.press('Enter')
  await driver.says('a member is completed', content, '"grant_types": [""]')
  await tab.keyboard.type('imp')
  await driver.says('a value is completed', '.cm-tooltip-autocomplete', 'implicit')
  await sleep(settled)
  await tab.keyboard.press('Enter')
  await driver.says('a value is completed', content, '["implicit"]')
  await driver.says('what is typed is judged', findings, 'The server does not name implicit.')

  await driver.type('{ "client_name": ')
  await driver.says('what is no JSON is told', '.playground-problem', 'It is not JSON')
  await driver.says('what is no JSON is told', '.playground-code', 'no request')

  await driver.type('{ "redirect_uris": ["/callback"], "token_endpoint_auth_method": "none" }')
  await driver.says(
    'a finding has its section',
    `${findings} a[href="https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2"]`,
    'RFC 6749',
  )
  await tab.click(`${findings} button`)
  await driver.is(
    'a finding does not lead to its member',
    tab.$eval(content, (it) => it === document.activeElement),
  )

  await tab.hover(`${content} .tok-propertyName`)
  await driver.says('a member is explained', '.cm-tooltip-hover', 'absolute URIs without fragment')

  // Out of the editor with Tab, and through the tabs with the arrows.
  await tab.click(content)
  await tab.keyboard.press('Escape')
  await tab.keyboard.press('Tab')
  await driver.is(
    'Tab does not leave the editor',
    tab.$eval(content, (it) => it !== document.activeElement),
  )
  await tab.focus('.playground-tabs.is-large [aria-selected=true]')
  await tab.keyboard.press('ArrowRight')
  await driver.says('the arrow keys choose a tab', '.playground-tabs.is-large :focus[aria-selected=true]', 'document')
  await driver.says('the arrow keys choose a tab', 'h2', 'As it is served')
}

async function addresses(driver: Driver): Promise<void> {
  const { tab } = driver
  await driver.open('#example=page')
  await driver.type('{ "redirect_uris": ["https://app.example/#x"], "client_secret": "geheim-4711" }')
  await driver.says('what is typed is judged', findings, 'A client never chooses its secret')
  await tab.waitForFunction(() => location.hash.includes('left+out'), { timeout: 10_000 }).catch(() => undefined)
  const address = await tab.evaluate(() => location.href)
  await driver.is(`a secret is in the address: ${address}`, !address.includes('geheim'))
  await driver.open(new URL(address).hash)
  await driver.says('a shared address', content, 'https://app.example/#x')
  await driver.says('a shared address', findings, 'without a fragment')
  await driver.open('#example=mcp&tab=document')
  await driver.says('a shared tab', sum, 'The server fetches client ID metadata documents.')
  await driver.says('a shared tab', '.playground-code', 'x-content-type-options: nosniff')
}

async function answers(driver: Driver): Promise<void> {
  const { tab } = driver
  await driver.open('#example=page')
  const created = 'HTTP/1.1 201 Created\ncontent-type: application/json\n\n'
  await driver.answer(`${created}{"client_id":"c1","scopes":["a"],"client_secret":"s","registration_access_token":"t"}`)
  await driver.says('an answer with deviations', sum, 'Registered, as c1.')
  await driver.says('an answer with deviations', findings, 'no-management-address')
  await driver.says('an answer with deviations', 'details pre', '"client_id": "c1"')
  await driver.says('what is kept', '.playground table', 'client_secret')
  const body = JSON.stringify({ client_id: 'c2', redirect_uris: ['https://evil.example/cb'] })
  await driver.answer(created + body)
  await driver.says('an answer that is refused', sum, 'Refused: PolicyError, redirect-uri-added.')
  await driver.says('an answer that is refused', '.playground-kept', 'keeps nothing')
  await driver.answer('{"client_id":"c3"}')
  await tab.waitForSelector('input[type=number]', { timeout: 10_000 })
  await driver.says('a body alone', sum, 'Registered, as c3.')
  await driver.answer('<html><title>Sign in</title></html>')
  await driver.says('a page', sum, 'Refused: UnexpectedAnswerError')
}

/** The one request that leaves the page. */
async function fetching(driver: Driver, allow: (host: string) => void): Promise<void> {
  const { tab } = driver
  let issuer = ''
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('content-type', 'application/json')
    const found = request.url === '/.well-known/oauth-authorization-server'
    response.statusCode = found ? 200 : 404
    response.end(
      JSON.stringify(
        found ? { issuer, registration_endpoint: `${issuer}/register`, grant_types_supported: ['password'] } : {},
      ),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  allow(new URL(issuer).host)
  await driver.open('#example=page')
  await tab.type('input[type=url]', issuer)
  await tab.keyboard.press('Enter')
  await driver.says('metadata are fetched', '.playground-said', 'Its metadata are below.')
  await driver.says('what was fetched is looked at', findings, 'The server does not name authorization_code')
  await driver.says('what was fetched is looked at', '.playground-code', `host: ${new URL(issuer).host}`)
  server.close().closeAllConnections()
}
