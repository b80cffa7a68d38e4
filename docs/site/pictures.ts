// Takes a picture of some pages as a phone and as a desk show them, light and dark, in .pictures.
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { launch, look } from './browser.ts'
import { serve } from './server.ts'

const pages = ['', 'start/service', 'lifecycle', 'errors', 'servers/keycloak', 'reference/@registrant/core/keys']
const folder = fileURLToPath(new URL('.pictures/', import.meta.url))
mkdirSync(folder, { recursive: true })

const [site, browser] = await Promise.all([serve(), launch()])
const tab = await browser.newPage()
for (const page of pages)
  for (const width of [375, 1280])
    for (const scheme of ['light', 'dark'] as const) {
      await look(tab, width, scheme)
      await tab.goto(`${site.url}/${page}`, { waitUntil: 'networkidle0' })
      const path = `${folder}${(page || 'home').replaceAll('/', '-')}-${width}-${scheme}.png` as const
      await tab.screenshot({ path })
      console.log(path)
    }
await browser.close()
site.close()
