import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import { defineAsyncComponent } from 'vue'

import './style.css'

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    // One page has it, and no other loads it.
    app.component(
      'Playground',
      defineAsyncComponent(() => import('./playground/Playground.vue')),
    )
  },
} satisfies Theme
