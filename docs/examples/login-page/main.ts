import { login, managerHere } from './login.ts'

// The server is named in the address: ?issuer=https://login.example.com
const issuer = new URLSearchParams(location.search).get('issuer') ?? location.origin
const manager = await managerHere(issuer)
const output = document.querySelector('output')

const show = (text: string): void => {
  if (output) output.textContent = text
}
document.querySelector('button')?.addEventListener('click', () => {
  login(manager, 'openid').then(
    (token) => show(`logged in, with a token of ${token.length} characters`),
    (error: unknown) => show(error instanceof Error ? error.message : String(error)),
  )
})
const { client_id } = await manager.ensure()
show(`registered: ${client_id}`)
