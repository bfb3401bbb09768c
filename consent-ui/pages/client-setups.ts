/** How a person connects one application. */
export interface Setup {
  readonly name: string
  readonly steps: readonly string[]
  /** What they type or paste, each in a piece. */
  readonly type: readonly string[]
}

/** As Quilt documents them for each application (quilt-contract.md 4.10), and as their commands are in November 2026. */
export function clientSetups(origin: string, path: string): readonly Setup[] {
  const url = `${origin}${path}`
  return [
    {
      name: 'Claude',
      steps: [
        'Open Settings, then Connectors, then “Add custom connector”.',
        'Paste this address, and connect.',
      ],
      type: [url],
    },
    {
      name: 'Claude Code',
      steps: ['In a terminal, type these two lines.'],
      type: [`claude mcp add --transport http quilt ${url}`, 'claude mcp login quilt'],
    },
    {
      name: 'ChatGPT',
      steps: [
        'Open Settings, then Apps & Connectors. An administrator may have to switch developer mode on.',
        'Create a connector with this address and OAuth, and connect.',
      ],
      type: [url],
    },
    {
      name: 'Codex',
      steps: ['In a terminal, type these two lines.'],
      type: [`codex mcp add quilt --url ${url}`, 'codex mcp login quilt'],
    },
    {
      name: 'Cursor',
      steps: ['Open Cursor Settings, then MCP, and add a server with this.'],
      type: [json({ mcpServers: { quilt: { url } } })],
    },
    {
      name: 'Visual Studio Code',
      steps: ['Save this as .vscode/mcp.json, and start the server that it names.'],
      type: [json({ servers: { quilt: { type: 'http', url } } })],
    },
    {
      name: 'Databricks',
      steps: ['Create a connection to an MCP server, with this host and this base path.'],
      type: [origin, path],
    },
    {
      name: 'Benchling',
      steps: ['Choose “Quilt by Quilt” in the directory, or have an administrator add this address.'],
      type: [url],
    },
  ]
}

function json(value: object): string {
  return JSON.stringify(value, undefined, 2)
}
