// Takes a picture of some pages as a phone and as a desk show them, light and dark, in .pictures; those of the playground at a
// desk stand in docs.
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { launch, look } from './browser.ts'
import type { Scheme } from './browser.ts'
import { serve } from './server.ts'

const playground = 'playground#example=broken'
const pages = [
  '',
  'start/service',
  'lifecycle',
  'errors',
  'recipes',
  'servers/keycloak',
  playground,
  'playground#example=mcp&tab=document',
  'reference/@registrant/core/keys',
]
const docs = fileURLToPath(new URL('../', import.meta.url))
const folder = fileURLToPath(new URL('.pictures/', import.meta.url))
mkdirSync(folder, { recursive: true })

const [site, browser] = await Promise.all([serve(), launch()])
const tab = await browser.newPage()
for (const page of pages)
  for (const width of [375, 1280])
    for (const scheme of ['light', 'dark'] as const) {
      await look(tab, width, scheme)
      // From another page: the address may differ in its fragment alone.
      await tab.goto('about:blank')
      await tab.goto(`${site.url}/${page}`, { waitUntil: 'networkidle0' })
      if (page.startsWith('playground')) await tab.waitForSelector('.playground-editor[data-loaded=true]')
      const path = `${folder}${(page || 'home').replaceAll(/[^\w-]/g, '-')}-${width}-${scheme}.png` as const
      await tab.screenshot({ path })
      console.log(path)
      if (page === playground && width === 1280) await pictureOfPlayground(scheme)
    }
await browser.close()
site.close()

/** What docs show of it: the form and its findings. */
async function pictureOfPlayground(scheme: Scheme): Promise<void> {
  const top = await tab.$eval('.playground [role=tablist]', (it) => it.getBoundingClientRect().top + scrollY)
  await tab.screenshot({
    path: `${docs}playground/${scheme}.png`,
    clip: { x: 0, y: top - 8, width: 1280, height: 720 },
  })
}
