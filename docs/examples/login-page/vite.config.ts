import { defineConfig } from 'vite'

const pages = ['index', 'callback'].map((name) => `${import.meta.dirname}/${name}.html`)

export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  build: { target: 'es2023', rolldownOptions: { input: pages } },
})
