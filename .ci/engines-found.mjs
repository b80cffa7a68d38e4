// The engines of this machine that tests use when they are there. A path is given by the variable or found on PATH.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const wanted = [
  { name: 'Chromium', variable: 'CHROMIUM', commands: ['chromium', 'chromium-browser', 'google-chrome'] },
  { name: 'Firefox', variable: 'FIREFOX', commands: ['firefox-esr', 'firefox'] },
  { name: 'WebKitGTK', variable: 'WEBKIT_DRIVER', commands: ['WebKitWebDriver'] },
  { name: 'xvfb', variable: 'XVFB_RUN', commands: ['xvfb-run'] },
  { name: 'faketime', variable: 'FAKETIME', commands: ['faketime'] },
]

/** Each engine with its `path`, `undefined` when this machine does not have it. */
export const engines = wanted.map(({ name, variable, commands }) => ({
  name,
  path: [process.env[variable], ...commands.flatMap(onPath)].find((path) => path !== undefined && runs(path)),
}))

function onPath(command) {
  return (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, command))
}

function runs(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
