import { startOidcProviderProcess } from '../servers/index.ts'
import type { EngineChoice } from '../starters/engine.ts'
import { newFolder } from '../starters/folder.ts'
import { found, startStarter } from '../starters/start.ts'
import type { Program } from '../starters/start.ts'

/** What a herd came to. */
export interface HerdFigures {
  processes: number
  clients: number
  /** How many of the processes ended with the one client. */
  agree: number
  discoveries: number
  tokens: number
  registrations: number
}

/** What it took, beside a control that does the same and nothing else. */
export interface HerdBesideControl extends HerdFigures {
  /** From the word to go until the last process had the client, in milliseconds. */
  slowestMs: number
  controlSlowestMs: number
  /** The first over the second. */
  timesControl: number
  /** The processor's time that a starter takes after the word to go, in milliseconds: the median of all. */
  cpuMs: number
  controlCpuMs: number
}

/** How many start, so many of them at once, and what they share instead of a folder. */
interface HerdOptions {
  processes: number
  wave?: number
  engine?: EngineChoice
}

/** Processes that start at once, with one folder or engine between them, at a real server. */
export async function herd(options: HerdOptions): Promise<HerdFigures> {
  const { figures } = await run('manager', options)
  return figures
}

/** The same, with the control before it on the same machine. */
export async function herdBesideControl(options: { processes: number }): Promise<HerdBesideControl> {
  const control = await run('control', options)
  if (control.figures.agree !== options.processes) throw new Error(`The control: ${JSON.stringify(control.figures)}`)
  const { figures, slowestMs, cpuMs } = await run('manager', options)
  return {
    ...figures,
    slowestMs,
    controlSlowestMs: control.slowestMs,
    timesControl: Math.round((100 * slowestMs) / control.slowestMs) / 100,
    cpuMs,
    controlCpuMs: control.cpuMs,
  }
}

/** The same of one program; `slowestMs` is the sum over the waves. */
export async function run(
  program: Program,
  { processes, wave = processes, engine }: HerdOptions,
): Promise<{ figures: HerdFigures; slowestMs: number; cpuMs: number }> {
  await using server = await startOidcProviderProcess()
  await using folder = await newFolder()
  const options = {
    issuer: server.issuer,
    registrar: server.registrar,
    directories: [folder.path],
    engine,
    metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'orders:read' },
    // Two cores carry all of them: time is compared, and not tested.
    timeout: 60_000,
    report: [],
  }
  const told = []
  let slowestMs = 0
  for (let left = processes; left > 0; left -= wave) {
    const starters = Array.from({ length: Math.min(wave, left) }, () => startStarter(options, {}, program))
    await Promise.all(starters.map(({ ready }) => ready))
    const began = performance.now()
    const last = Promise.all(starters.map((starter) => Promise.race([starter.saw('client_id'), starter.ended])))
    for (const each of starters) each.go()
    await last
    slowestMs += Math.round(performance.now() - began)
    told.push(...(await Promise.all(starters.map(({ ended }) => ended))).flatMap(found))
  }
  const [client] = await server.clientIds()
  const requests = await server.requests()
  const sent = (method: string, path: string): number =>
    requests.filter((request) => request.method === method && request.path.startsWith(path)).length
  const figures = {
    processes,
    clients: await server.clients(),
    agree: told.filter(({ client_id }) => client_id === client).length,
    discoveries: sent('GET', '/.well-known'),
    tokens: sent('POST', '/token'),
    registrations: sent('POST', '/register'),
  }
  const cpu = told.map((it) => it.cpu).toSorted((a, b) => a - b)
  return { figures, slowestMs, cpuMs: Math.round(cpu[Math.floor(cpu.length / 2)] ?? Infinity) }
}
