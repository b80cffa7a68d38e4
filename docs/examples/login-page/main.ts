import { login, managerHere } from './login.ts'

// The server is named in the address: ?issuer=https://login.example.com
const issuer = new URLSearchParams(location.search).get('issuer') ?? location.origin
const manager = await managerHere(issuer)
const output = document.querySelector('output')

const show = (text: string): void => {
  if (output) output.textContent = text
}
const tell = (error: unknown): void => show(error instanceof Error ? error.message : String(error))
document.querySelector('button')?.addEventListener('click', () => {
  login(manager, 'openid').then((token) => show(`logged in, with a token of ${token.length} characters`), tell)
})
await manager.ensure().then(({ client_id }) => show(`registered: ${client_id}`), tell)
