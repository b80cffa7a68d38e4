// The engines of this machine that tests use when they are there: named by a variable, or found where Debian puts them.
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const known = [
  {
    name: 'Chromium',
    variable: 'CHROMIUM',
    debian: 'chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
  },
  { name: 'Firefox', variable: 'FIREFOX', debian: 'firefox-esr', commands: ['firefox-esr', 'firefox'] },
  { name: 'WebKitGTK', variable: 'WEBKIT_DRIVER', debian: 'webkit2gtk-driver', commands: ['WebKitWebDriver'] },
  { name: 'xvfb', variable: 'XVFB_RUN', debian: 'xvfb', commands: ['xvfb-run'] },
  {
    name: 'libfaketime',
    variable: 'LIBFAKETIME',
    debian: 'libfaketime',
    library: 'faketime/libfaketime.so.1',
  },
  // Debian keeps the server out of the path: several may be there.
  {
    name: 'PostgreSQL',
    variable: 'POSTGRES',
    debian: 'postgresql',
    commands: ['postgres'],
    places: () => inVersions('/usr/lib/postgresql', 'bin/postgres'),
  },
  {
    name: 'PgBouncer',
    variable: 'PGBOUNCER',
    debian: 'pgbouncer',
    commands: ['pgbouncer'],
    places: () => ['/usr/sbin/pgbouncer'],
  },
  { name: 'Redis', variable: 'REDIS_SERVER', debian: 'redis-server', commands: ['redis-server', 'valkey-server'] },
]

/** Each engine with its `path`, `undefined` when this machine does not have it, and the Debian package that brings it. */
export const engines = known.map(({ name, variable, debian, commands = [], library, places }) => ({
  name,
  debian,
  path: [
    process.env[variable],
    ...commands.flatMap(onPath),
    ...(library ? inLibraries(library) : []),
    ...(places?.() ?? []),
  ].find(isThere),
}))

function onPath(command) {
  return (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, command))
}

function inLibraries(library) {
  const folder = '/usr/lib'
  return process.platform === 'linux'
    ? readdirSync(folder).map((architecture) => join(folder, architecture, library))
    : []
}

/** The newest first. */
function inVersions(folder, file) {
  const versions = existsSync(folder) ? readdirSync(folder) : []
  return versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(folder, version, file))
}

function isThere(path) {
  if (path === undefined) return false
  try {
    accessSync(path, path.includes('.so') ? constants.R_OK : constants.X_OK)
    return true
  } catch {
    return false
  }
}
