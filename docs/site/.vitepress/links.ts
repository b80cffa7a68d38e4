import { existsSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'

import type { MarkdownRenderer } from 'vitepress'

const repository = 'https://github.com/registrant/registrant/blob/main/'

/** A link that leaves the folder of docs, or leads to a program in it, leads to the file in the repository. */
export function linkToSource(md: MarkdownRenderer, docs: string): void {
  const root = dirname(docs.replace(/[\\/]$/, ''))
  md.core.ruler.push('link-to-source', ({ env, tokens }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null
      if (href === null || /^(?:[a-z]+:|#|\/)/.test(href)) continue
      const [path = '', hash] = href.split('#')
      const file = resolve(dirname(env.realPath ?? env.path), path)
      const place = relative(root, file).replaceAll('\\', '/')
      const isPage = place.startsWith('docs/') && (place.endsWith('.md') || existsSync(`${file}.md`))
      // A folder's page has the folder's address.
      if (isPage && path.endsWith('README.md')) token.attrSet('href', href.replace('README.md', ''))
      if (!isPage && existsSync(file))
        token.attrSet('href', repository + place + (hash === undefined ? '' : `#${hash}`))
    }
  })
}
