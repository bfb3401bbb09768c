import { KNOWN_APPLICATIONS } from '../../core/clients/known-applications.ts'
import type { DemoPerson } from '../demo/people.ts'
import { ROLES } from '../demo/roles.ts'

export interface BannerOptions {
  readonly mcpUrl: string
  readonly users: readonly DemoPerson[] | URL
  readonly port: number
  /** Where the processes log; absent if they log to the terminal. */
  readonly logFile?: string | undefined
  readonly auditFile: string
  /** True if connections outlive the stack (`--keep`). */
  readonly keepsConnections: boolean
}

export function banner(options: BannerOptions): string {
  const { mcpUrl, users, port, logFile, auditFile, keepsConnections } = options
  return [
    '',
    `Quilt Connect is ready: ${mcpUrl}`,
    '',
    ...(users instanceof URL ? signInAt(users) : signInAs(users)),
    '',
    'Connect a client:',
    ...connectLines(mcpUrl),
    'Claude Code and Codex open your browser: sign in and approve. "claude mcp list" then shows "✔ Connected".',
    '',
    ...(logFile === undefined ? [] : [`Logs are in ${logFile} ("npm start -- --verbose" prints them here).`]),
    `Audit events are in ${auditFile}.`,
    `To operate it: npm run -s connect -- sessions --local=${port}   ("npm run -s connect" lists the commands)`,
    keepsConnections
      ? 'Ctrl-C stops everything, and keeps connections for the next "npm start -- --keep".'
      : 'Ctrl-C stops everything, and forgets connections ("npm start -- --keep" keeps them).',
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
  const users = people.map(({ email, password, quilt }) => {
    const access = ROLES[quilt.role].mayChange ? 'Read and change' : 'Read only'
    return `  ${email}  ${password}   (${access}${quilt.isAdmin ? ', administrator' : ''})`
  })
  return ['Sign in as one of the demo users:', ...users]
}

function signInAt(registryUrl: URL): string[] {
  return [`Sign in with the one-time code from ${registryUrl.origin}/login.`]
}
