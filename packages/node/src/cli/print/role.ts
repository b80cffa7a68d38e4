import { UsageError } from '../command.ts'
import type { Command } from '../command.ts'

const text = (means: string) => ({ type: 'string', value: 'NAME', means }) as const

export const role: Command = {
  name: 'role',
  usage: '[--namespace NAME] [--secret NAME] [--service-account NAME]',
  summary: 'print the YAML of the Role that the Kubernetes store needs',
  help: `Prints a Role and a RoleBinding for pods that keep their registration in a Secret (the store
kubernetes:NAMESPACE/SECRET). Look through it, then: registrant role | kubectl apply -f -`,
  options: {
    namespace: text('where the Secret lies (default: default)'),
    secret: text('the Secret (default: registrant)'),
    'service-account': text('the account of the pods (default: default)'),
  },
  async run(call) {
    const [namespace, secret, account] = [
      ['namespace', 'default'],
      ['secret', 'registrant'],
      ['service-account', 'default'],
    ].map(([option = '', otherwise = '']) => nameIn(option, call.text(option) ?? otherwise))
    const lines = yaml.map((line) =>
      line
        .replace('NAMESPACE', namespace ?? '')
        .replace('SECRET', secret ?? '')
        .replace('ACCOUNT', account ?? ''),
    )
    return { lines, json: { yaml: lines.join('\n') } }
  },
}

/** Names that YAML reads as a number, a date, a truth value or null where they are not quoted. */
const isNoText = (name: string): boolean => /^(?:\d.*|null|true|false|yes|no|on|off|[yn])$/.test(name)

/** Nothing but a name gets into the YAML. */
function nameIn(option: string, name: string): string {
  if (/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) return isNoText(name) ? `'${name}'` : name
  throw new UsageError(`--${option} takes a name of Kubernetes: lower-case letters, digits, dashes and dots.`)
}

const yaml = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: SECRET
  namespace: NAMESPACE
rules:
  - apiGroups: ['']
    resources: [secrets]
    resourceNames: [SECRET]
    verbs: [get, update, watch]
  # Who creates something has no name for it yet.
  - apiGroups: ['']
    resources: [secrets]
    verbs: [create]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: SECRET
  namespace: NAMESPACE
subjects:
  - kind: ServiceAccount
    name: ACCOUNT
    namespace: NAMESPACE
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: SECRET`.split('\n')
