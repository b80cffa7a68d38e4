import { commonOptions, UsageError } from '../command.ts'
import type { Command } from '../command.ts'
import { commands } from '../commands.ts'

const shells = ['bash', 'zsh', 'fish']

export const completion: Command = {
  name: 'completion',
  usage: 'bash|zsh|fish',
  summary: 'print what makes a shell complete commands and options',
  help: `Prints a script for your shell:
  bash  registrant completion bash > ~/.local/share/bash-completion/completions/registrant
  zsh   registrant completion zsh > "\${fpath[1]}/_registrant"
  fish  registrant completion fish > ~/.config/fish/completions/registrant.fish`,
  options: {},
  operands: [1, 1],
  run(call) {
    const [shell = ''] = call.operands
    if (!shells.includes(shell))
      throw new UsageError('There are completions for bash, zsh and fish. Name one of these.')
    const lines = shell === 'bash' ? bash() : shell === 'zsh' ? zsh() : fish()
    return Promise.resolve({ lines, json: { script: lines.join('\n') } })
  },
}

const names = (): string[] => [...commands.map(({ name }) => name), 'completion', 'help']
const wordsOf = ({ words = [] }: Command): readonly string[] => words
const optionsOf = (command: Command): string[] => Object.keys({ ...command.options, ...commonOptions })

const bash = (): string[] => [
  '_registrant() {',
  '  local word=${COMP_WORDS[COMP_CWORD]}',
  '  if [ "$COMP_CWORD" -eq 1 ]; then',
  `    COMPREPLY=($(compgen -W "${names().join(' ')}" -- "$word")); return`,
  '  fi',
  '  case "${COMP_WORDS[1]}" in',
  ...commands.map((it) => {
    const words = [...wordsOf(it), ...optionsOf(it).map((name) => `--${name}`)].join(' ')
    // mapfile takes a completion from each line: names of files may hold blanks.
    return `    ${it.name}) mapfile -t COMPREPLY < <(compgen -W "${words}" -f -- "$word") ;;`
  }),
  `    completion) COMPREPLY=($(compgen -W "${shells.join(' ')}" -- "$word")) ;;`,
  '  esac',
  '}',
  'complete -o filenames -F _registrant registrant',
]

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const zsh = (): string[] => [
  '#compdef registrant',
  'local -a commands',
  `commands=(${commands.map(({ name, summary }) => quoted(`${name}:${summary}`)).join(' ')} completion help)`,
  'if (( CURRENT == 2 )); then',
  '  _describe command commands; return',
  'fi',
  'case ${words[2]} in',
  ...commands.map((it) => {
    const options = Object.entries({ ...it.options, ...commonOptions }).map(([name, { type, means }]) =>
      quoted(`--${name}[${means.replaceAll(/[[\]:]/g, '\\$&')}]${type === 'string' ? ': :_files' : ''}`),
    )
    const first = wordsOf(it).length === 0 ? '' : ` '2:what:(${wordsOf(it).join(' ')})'`
    return `  ${it.name}) _arguments ${options.join(' ')}${first} '*: :_files' ;;`
  }),
  `  completion) _values shell ${shells.join(' ')} ;;`,
  'esac',
]

const fish = (): string[] => [
  'complete -c registrant -f',
  ...commands.map(
    ({ name, summary }) => `complete -c registrant -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
  ),
  ...commands.flatMap((it) =>
    Object.entries({ ...it.options, ...commonOptions }).map(
      ([name, { type, means }]) =>
        `complete -c registrant -n '__fish_seen_subcommand_from ${it.name}' -l ${name} -d ${quoted(means)}${type === 'string' ? ' -r -F' : ''}`,
    ),
  ),
  ...commands
    .filter((it) => wordsOf(it).length > 0)
    .map((it) => `complete -c registrant -n '__fish_seen_subcommand_from ${it.name}' -a '${wordsOf(it).join(' ')}'`),
  `complete -c registrant -n __fish_use_subcommand -a completion -d 'print what makes a shell complete'`,
  `complete -c registrant -n '__fish_seen_subcommand_from completion' -a '${shells.join(' ')}'`,
]
