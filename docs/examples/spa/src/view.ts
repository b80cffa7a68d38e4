import type { RegistrationError, RegistrationEvent, RegistrationResponse } from '@registrant/browser'

/** The element of the page that has this id. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`index.html has no #${id}`)
  return found
}

/** Shows a registration; a page keeps no secret, but a token for managing it may be among what the server said. */
export function show(registration: RegistrationResponse): void {
  element('problem').hidden = true
  element('client-id').textContent = registration.client_id
  element('said').textContent = JSON.stringify(registration, hideToken, 2)
}

const hideToken = (member: string, value: unknown): unknown =>
  member === 'registration_access_token' || member === 'client_secret' ? '[redacted]' : value

/** Shows where the registration stands. */
export function showState(state: string): void {
  const output = element('state')
  output.textContent = state
  output.dataset['state'] = state
}

/** Shows what went wrong and what to do, in the error's own words. */
export function showProblem(error: RegistrationError): void {
  const problem = element('problem')
  problem.hidden = false
  problem.textContent = error.message
  showState('failed')
}

/** Adds an event, the newest on top. */
export function addEvent(event: RegistrationEvent): void {
  const line = document.createElement('li')
  const time = document.createElement('time')
  const at = new Date(event.at)
  time.dateTime = at.toISOString()
  time.textContent = at.toTimeString().slice(0, 8)
  const words = document.createElement('span')
  words.textContent = sentence(event)
  line.append(time, words)
  element('events').prepend(line)
}

function sentence(event: RegistrationEvent): string {
  switch (event.type) {
    case 'request':
      return `${new URL(event.endpoint).pathname} answered ${event.status ?? 'nothing'} in ${Math.round(event.ms)} ms`
    case 'deviation':
      return `${event.deviation.member ?? 'the answer'}: ${event.deviation.message}`
    case 'finding':
      return `${event.finding.member}: ${event.finding.message}`
    case 'waiting':
      return `waiting for another tab (${event.owner})`
    case 'replaced':
      return `${event.client_id} replaces ${event.old}`
    case 'orphan':
    case 'compensated':
      return `${event.type}: ${event.orphan.reason}`
    case 'store':
      return `the store: ${event.code}`
    default:
      return 'client_id' in event && event.client_id !== undefined ? `${event.type}: ${event.client_id}` : event.type
  }
}
