// The public API of an entry point as a text, which is the same for the same API.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'

import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor'

import { root } from '../build/entry-points.mjs'

const folder = join(root, '.cache/api-extractor')

/** The reports of a package's entry points; one that only passes on another package's is its own report. */
export function reportsOf(it, entryPoints) {
  const read = ({ types }) =>
    readFileSync(types, 'utf8')
      .replaceAll(/\/\*[\s\S]*?\*\/|\s*\/\/.*$/gm, '')
      .trim()
  const isPassedOn = (entryPoint) => /^(?:export \* from '[^'.]+';?\s*)+$/.test(read(entryPoint))
  const own = entryPoints.filter((entryPoint) => !isPassedOn(entryPoint)).map(({ types }) => types)
  // One program for all: the compiler reads each declaration once.
  const [first, ...additionalEntryPoints] = own
  const compilerState = first && CompilerState.create(configOf(it, first), { additionalEntryPoints })
  return entryPoints.map((entryPoint) => {
    const { specifier, types } = entryPoint
    const body = own.includes(types) ? extracted(configOf(it, types), compilerState) : read(entryPoint)
    return [entryPoint, `# ${specifier}\n\n\`\`\`ts\n${body}\n\`\`\`\n`]
  })
}

function configOf({ folder: projectFolder, short }, types) {
  return ExtractorConfig.prepare({
    packageJsonFullPath: join(projectFolder, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder,
      mainEntryPointFilePath: types,
      apiReport: {
        enabled: true,
        reportFileName: 'report.api.md',
        reportFolder: folder,
        reportTempFolder: join(folder, 'temp'),
      },
      newlineKind: 'lf',
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2023',
            module: 'nodenext',
            lib: ['es2023', 'dom'],
            types: short === 'node' ? ['node'] : [],
            strict: true,
            skipLibCheck: true,
          },
          files: [types],
        },
      },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'none', addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  })
}

function extracted(config, compilerState) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const problems = []
  const { succeeded } = Extractor.invoke(config, {
    compilerState,
    localBuild: true,
    messageCallback(message) {
      if (message.logLevel === 'error') problems.push(message.text)
      message.handled = true
    },
  })
  if (!succeeded) throw new Error(`${relative(root, config.mainEntryPointFilePath)}: ${problems.join('\n')}`)
  const [, body] = /```ts\n([\s\S]*)\n```/.exec(readFileSync(join(folder, 'report.api.md'), 'utf8'))
  return body.replaceAll(/^\s*\/\/ \(undocumented\)\n|^\/\/ \(No @packageDocumentation.*\n/gm, '').trim()
}
