import type { DemoPerson } from '../demo/people.ts'

/**
 * What `npm start` prints once everything works: where to go, as whom, and how each client gets there.
 *
 * @param who - the demo's people, or the Registry whose users may sign in
 */
export function banner(mcpUrl: string, who: readonly DemoPerson[] | URL): string {
  return [
    '',
    `Quilt Connect is ready: ${mcpUrl}`,
    '',
    ...(who instanceof URL ? signInAt(who) : signInAs(who)),
    '',
    'Connect a client:',
    `  Claude Code    claude mcp add --transport http quilt ${mcpUrl} && claude mcp login quilt`,
    `  Codex          codex mcp add quilt --url ${mcpUrl} && codex mcp login quilt`,
    `  VS Code        code --add-mcp '${JSON.stringify({ name: 'quilt', type: 'http', url: mcpUrl })}'`,
    `  Cursor         ~/.cursor/mcp.json: ${JSON.stringify({ mcpServers: { quilt: { url: mcpUrl } } })}`,
    `  MCP Inspector  npx @modelcontextprotocol/inspector --transport http --server-url ${mcpUrl}`,
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n')
}

function signInAs(people: readonly DemoPerson[]): string[] {
  const users = people.map(({ email, password, quilt }) => `  ${email}  ${password}   (${quilt.role})`)
  return ['Sign in as one of the demo users:', ...users]
}

function signInAt(registryUrl: URL): string[] {
  return [`Sign in with the one-time code that ${registryUrl.origin}/login shows you.`]
}
