import {
  configurationRequest,
  deletionRequest,
  readDeletion,
  updatedMetadata,
  updateRequest,
} from '../exchange/management.ts'
import { readRegistration } from '../exchange/registration.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpRequest } from '../model/http.ts'
import type { Changes, RegistrationRequest, RegistrationResponse } from '../model/registration.ts'
import type { Answered } from './answered.ts'
import { judgeFit, judgeRequest } from './preflight.ts'
import type { Line } from './context.ts'
import type { CallOptions } from './options.ts'
import { answered } from './answered.ts'

export async function read(line: Line, current: RegistrationResponse, call?: CallOptions): Promise<Answered> {
  return manage(line, current, call, (server) => configurationRequest(server, current, line.options))
}

export async function update(
  line: Line,
  current: RegistrationResponse,
  changes: Changes<RegistrationRequest>,
  call?: CallOptions,
): Promise<Answered> {
  const sent = updatedMetadata(current, changes, line.options.profile)
  // What the server itself returned and nobody changed is its own business: reported, and no reason to refuse.
  judgeRequest(line, sent, (finding) => Object.hasOwn(changes, finding.member))
  const build = (server: AuthorizationServer): HttpRequest => {
    judgeFit(line, sent, server)
    return updateRequest(server, current, sent, line.options)
  }
  return manage(line, current, call, build, sent)
}

export async function remove(line: Line, current: RegistrationResponse, call?: CallOptions): Promise<void> {
  const signal = line.deadline(call)
  const request = deletionRequest(await line.server(signal), current, line.options)
  readDeletion(await line.send(request, { signal, inDoubt: 'unknown' }), { request, current })
}

async function manage(
  line: Line,
  current: RegistrationResponse,
  call: CallOptions | undefined,
  build: (server: AuthorizationServer) => HttpRequest,
  sent?: RegistrationRequest,
): Promise<Answered> {
  const { profile, allowedOrigins } = line.options
  const signal = line.deadline(call)
  const server = await line.server(signal)
  const request = build(server)
  const answer = await line.send(request, { signal, inDoubt: 'unknown' })
  return answered(line, answer, readRegistration(answer, { server, profile, allowedOrigins, request, sent, current }))
}
