import { KNOWN_APPLICATIONS } from '../../core/clients/known-applications.ts'
import type { DemoPerson } from '../demo/people.ts'

/**
 * The text that `npm start` prints once everything works: where to go, how to sign in, how to connect each client.
 *
 * @param who - the demo's users, or the Registry whose users may sign in
 */
export function banner(mcpUrl: string, who: readonly DemoPerson[] | URL): string {
  return [
    '',
    `Quilt Connect is ready: ${mcpUrl}`,
    '',
    ...(who instanceof URL ? signInAt(who) : signInAs(who)),
    '',
    'Connect a client:',
    ...connectLines(mcpUrl),
    '',
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
  return [`Sign in with the one-time code that ${registryUrl.origin}/login shows you.`]
}
