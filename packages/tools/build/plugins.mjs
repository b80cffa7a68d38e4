// The plugins of the bundler.

/** Notes what each module imports, at once and by `import()`. */
export function graphInto(graph) {
  return {
    name: 'graph',
    buildEnd() {
      for (const id of this.getModuleIds()) {
        const { importedIds, dynamicallyImportedIds } = this.getModuleInfo(id)
        graph.set(id, { imports: importedIds, late: dynamicallyImportedIds })
      }
    },
  }
}

/** Puts the few lines of the bundler's runtime into each file that needs them: a file of their own would cost more. */
export const withoutRuntimeFile = {
  name: 'without-runtime-file',
  generateBundle(_, files) {
    const runtime = Object.values(files).find(({ name }) => name === 'rolldown-runtime')
    if (runtime === undefined) return
    const [lines, exported] = runtime.code.split(/^export \{ (\w+) as t \};$/m)
    for (const file of Object.values(files)) {
      file.code = file.code.replace(/^import \{ t as (\w+) \} from "[./]*rolldown-runtime\.js";$/m, (_line, name) => {
        if (name !== exported) throw new Error(`${file.fileName} takes ${name} of the bundler's helpers`)
        return lines.trim()
      })
      file.imports = file.imports.filter((name) => name !== runtime.fileName)
    }
    delete files[runtime.fileName]
  },
}
