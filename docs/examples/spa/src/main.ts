import { indexedDbStore, RegistrationError, RegistrationManager } from '@registrant/browser'
import type { RegistrationEvent, RegistrationResponse } from '@registrant/browser'

import { addEvent, element, show, showProblem, showState } from './view.ts'

/** What can be set in the address: the server, and what tests need to be different. */
const address = new URLSearchParams(location.search)
const issuer = address.get('issuer') ?? location.origin
const number = (name: string): number | undefined => (address.has(name) ? Number(address.get(name)) : undefined)

/** The declaration; changing it is the update. Kept, so that all tabs and the next visit declare the same. */
const paths = new Set<string>(JSON.parse(localStorage.getItem('paths') ?? '["/callback"]'))

const managerFor = (redirects: Iterable<string>): RegistrationManager =>
  new RegistrationManager({
    issuer,
    application: 'orders-web',
    metadata: { redirect_uris: [...redirects].map((path) => location.origin + path) },
    store: indexedDbStore(),
    timeout: number('timeout'),
    lease: number('lease'),
    forgetDelay: number('forgetDelay') ?? 0,
    onEvent: (event: RegistrationEvent) => addEvent(event),
  })

let manager = managerFor(paths)

/** Does something about the registration, and shows what came of it, whatever it is. */
async function run(act: () => Promise<RegistrationResponse>): Promise<void> {
  for (const button of document.querySelectorAll('button')) button.disabled = true
  try {
    show(await act())
    showState((await manager.status()).state)
  } catch (error) {
    if (!(error instanceof RegistrationError)) throw error
    showProblem(error)
  } finally {
    for (const button of document.querySelectorAll('button')) button.disabled = false
  }
}

element('issuer').textContent = issuer
const declare = (): void => {
  element('declared').textContent = [...paths].join(', ')
}
declare()

element('change').addEventListener('click', () => {
  paths.add(`/callback-${paths.size + 1}`)
  localStorage.setItem('paths', JSON.stringify([...paths]))
  declare()
  manager = managerFor(paths)
  void run(() => manager.ensure())
})
element('reject').addEventListener('click', () => {
  void run(async () => manager.reportRejected(await manager.ensure()))
})
element('forget').addEventListener('click', () => {
  void run(async () => {
    await manager.forget()
    return manager.ensure()
  })
})

void run(() => manager.ensure())
