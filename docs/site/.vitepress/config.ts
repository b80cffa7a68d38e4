// The site is the pages of docs, as they stand there: what a page is called is its first heading.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vitepress'
import type { DefaultTheme } from 'vitepress'
import llmstxt from 'vitepress-plugin-llms'

import { linkToSource } from './links.ts'
import { drawPictures } from './pictures.ts'

const docs = fileURLToPath(new URL('../..', import.meta.url))

const item = (page: string): DefaultTheme.SidebarItem => {
  const [, text = page] = /^# (.*)$/m.exec(readFileSync(`${docs}/${page}.md`, 'utf8')) ?? []
  return { text: text.replaceAll(/[`\\]/g, ''), link: `/${page.replace(/README$/, '')}` }
}
const room = (text: string, pages: string[]): DefaultTheme.SidebarItem => ({
  text,
  items: pages.map(item),
})
const within = (folder: string): string[] =>
  globSync(`${folder}/*.md`, { cwd: docs })
    .map((path) => path.replaceAll('\\', '/').replace(/\.md$/, ''))
    .filter((page) => !/README$|index$/.test(page))
    .toSorted()

export default defineConfig({
  title: 'Registrant',
  description: 'Dynamic client registration for OAuth 2.0 and OpenID Connect: register once, keep it for years',
  srcDir: docs,
  srcExclude: ['site/**', 'examples/**/!(README).md', '**/node_modules/**'],
  outDir: fileURLToPath(new URL('../dist', import.meta.url)),
  cacheDir: fileURLToPath(new URL('../.cache', import.meta.url)),
  rewrites: { 'servers/README.md': 'servers/index.md', 'reference/README.md': 'reference/index.md' },
  cleanUrls: true,
  lastUpdated: false,
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    // As GitHub makes them, so that a link leads to the same place there.
    anchor: {
      slugify: (heading) =>
        heading
          .trim()
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
          .replaceAll(' ', '-'),
    },
    config(md) {
      md.use(linkToSource, docs)
      md.use(drawPictures)
    },
  },
  vite: {
    plugins: [llmstxt({ workDir: docs, ignoreFiles: ['site/**', 'node_modules/**', 'reference/**'] })],
    // Pages lie outside of this folder, and what they are made of inside.
    resolve: {
      alias: [
        { find: /^vue$/, replacement: fileURLToPath(import.meta.resolve('vue/dist/vue.runtime.esm-bundler.js')) },
        { find: /^vue\/server-renderer$/, replacement: fileURLToPath(import.meta.resolve('vue/server-renderer')) },
      ],
    },
    server: { fs: { allow: [docs] } },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: 'https://github.com/registrant/registrant' }],
    nav: [
      { text: 'Start', link: '/start/service' },
      { text: 'Servers', link: '/servers/' },
      { text: 'Errors', link: '/errors' },
      { text: 'Playground', link: '/playground' },
      { text: 'Reference', link: '/reference/' },
    ],
    sidebar: {
      '/reference/': [{ text: 'Reference', link: '/reference/', items: within('reference').map(item) }],
      '/': [
        room('Start', ['start/service', 'single-page-apps', 'start/library', 'identity', 'libraries', 'moving']),
        room('What happens', ['lifecycle', 'errors', 'events', 'updates']),
        room('What you say', ['metadata', 'keys', 'playground']),
        room('Where it lives', ['stores', 'operations', 'command-line', 'security']),
        room('Servers', ['servers/README', ...within('servers')]),
        room('More', ['recipes', 'questions', 'limits', 'performance', 'architecture']),
      ],
    },
  },
})
