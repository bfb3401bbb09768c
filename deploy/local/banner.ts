import { KNOWN_APPLICATIONS } from '../../core/clients/known-applications.ts'
import type { DemoPerson } from '../demo/people.ts'

export interface BannerOptions {
  readonly mcpUrl: string
  readonly users: readonly DemoPerson[] | URL
  readonly port: number
  /** Where the processes log; absent if they log to the terminal. */
  readonly logFile?: string | undefined
  readonly auditFile: string
}

export function banner({ mcpUrl, users, port, logFile, auditFile }: BannerOptions): string {
  return [
    '',
    `Quilt Connect is ready: ${mcpUrl}`,
    '',
    ...(users instanceof URL ? signInAt(users) : signInAs(users)),
    '',
    'Connect a client:',
    ...connectLines(mcpUrl),
    '',
    ...(logFile === undefined ? [] : [`Logs are in ${logFile} ("npm start -- --verbose" prints them here).`]),
    `Audit events are in ${auditFile}.`,
    `To operate it: npm run -s connect -- sessions --local=${port}   ("npm run -s connect" lists the commands)`,
    'Ctrl-C stops everything.',
    '',
  ].join('\n')
}

function connectLines(mcpUrl: string): string[] {
  const local = KNOWN_APPLICATIONS.flatMap(({ name, setUpLine }) =>
    setUpLine === undefined ? [] : { name, line: setUpLine(mcpUrl) },
  )
  const width = Math.max(...local.map(({ name }) => name.length))
  return local.map(({ name, line }) => `  ${name.padEnd(width)}  ${line}`)
}

function signInAs(people: readonly DemoPerson[]): string[] {
  const users = people.map(({ email, password, quilt }) => `  ${email}  ${password}   (${quilt.role})`)
  return ['Sign in as one of the demo users:', ...users]
}

function signInAt(registryUrl: URL): string[] {
  return [`Sign in with the one-time code from ${registryUrl.origin}/login.`]
}
