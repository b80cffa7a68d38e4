import { defineConfig } from 'vite'

/** What a careful page is served with: nothing but its own code runs, and nothing is evaluated. */
const policy = [
  "default-src 'self'",
  "img-src 'self' data:",
  // The authorization server; this example embeds one on the loopback interface.
  "connect-src 'self' http://127.0.0.1:*",
  'report-uri /violations',
].join('; ')

export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  build: { target: 'es2023', modulePreload: { polyfill: false } },
  preview: { host: '127.0.0.1', headers: { 'content-security-policy': policy } },
})
