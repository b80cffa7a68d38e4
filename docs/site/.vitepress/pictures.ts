import { renderMermaidSVG } from 'beautiful-mermaid'
import type { MarkdownRenderer } from 'vitepress'

/** A mermaid block, which GitHub draws, is drawn here when the site is built: in the colours of the page, and without code. */
export function drawPictures(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index]
    if (token?.info.trim() !== 'mermaid') return fence?.(tokens, index, options, env, self) ?? ''
    const svg = renderMermaidSVG(token.content, {
      bg: 'var(--vp-c-bg)',
      fg: 'var(--vp-c-text-1)',
      transparent: true,
    })
    // A template holds no style of its own: that of the theme has the same, without a font from elsewhere.
    const drawn = svg.replaceAll(/<style>[^]*?<\/style>/g, '')
    return `<figure class="picture" role="img" aria-label="${label(token.content)}" tabindex="0">${drawn}</figure>\n`
  }
}

const label = (source: string): string => (/^\s*%% (.*)$/m.exec(source)?.[1] ?? 'A diagram').replaceAll('"', '&quot;')
