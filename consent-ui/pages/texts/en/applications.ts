/** Words in backticks are typed. */
type StepsByApplication = Readonly<Record<string, readonly string[]>>

const CONNECT_AGAIN = 'Connect again.'

/** Steps that add a server; what the user pastes stands below them. */
const setUp: StepsByApplication = {
  Claude: [
    'Open Customize or Settings, then Connectors, then “Add custom connector”.',
    'Paste this address, and connect.',
  ],
  ChatGPT: [
    'Open Settings, then Apps & Connectors. An administrator may have to switch developer mode on.',
    'Create a connector with this address and OAuth, and connect.',
  ],
  Cursor: ['Open Cursor Settings, then MCP, and add a server with this.'],
  'Visual Studio Code': [
    'Save this in your project as `.vscode/mcp.json`. Then press Start, which appears above “quilt” in that file.',
  ],
  Codex: ['In a terminal, run these two commands.'],
  'Claude Code': ['In a terminal, run these two commands.'],
  Databricks: ['Create a connection to an MCP server, with this host and this base path.'],
  Benchling: ['Choose “Quilt by Quilt” in the directory, or have an administrator add this address.'],
}

/** What happens after the set-up. */
const afterwards: StepsByApplication = {
  Codex: ['Your browser opens: sign in and approve.'],
  'Claude Code': [
    'Your browser opens: sign in and approve. `claude mcp list` then shows “✔ Connected”.',
    'If Claude Code runs on another computer (ssh), your browser ends at a page that it cannot open. Paste that page’s address into Claude Code.',
  ],
}

/** Steps after which the application registers again. */
const forget: StepsByApplication = {
  Claude: [
    'In Claude, open Customize or Settings, then Connectors.',
    'Remove this connector.',
    'Add it again, and connect.',
  ],
  ChatGPT: [
    'In ChatGPT, open Settings, then Apps & Connectors.',
    'Delete this connector; disconnecting it keeps the old registration.',
    'Create it again, and connect.',
  ],
  Cursor: [
    'In Cursor, open the Command Palette and run `Cursor: Clear All MCP Tokens`.',
    'Open Cursor Settings, then MCP, and switch this server off and on.',
    CONNECT_AGAIN,
  ],
  Windsurf: ['In Windsurf, open the MCP settings and remove this server.', 'Add it again, and connect.'],
  'Visual Studio Code': [
    'In Visual Studio Code, open the Command Palette and run `Authentication: Remove Dynamic Authentication Providers`.',
    'Choose this server, and confirm.',
    'Run `MCP: List Servers`, choose this server, and start it again.',
  ],
  Codex: [
    'In a terminal, run `codex mcp logout <name>` with the name that you gave this server (`codex mcp list` shows it).',
    'Run `codex mcp login <name>`.',
  ],
  'Claude Code': [
    'In a terminal, run `claude mcp logout <name>` with the name that you gave this server (`claude mcp list` shows it). Inside Claude Code, `/mcp`, this server, “Clear authentication” does the same.',
    'Run `claude mcp login <name>`.',
  ],
  Databricks: [
    'In Databricks, open Catalog, then Connections, and delete the connection to this server.',
    'Create it again, and sign in.',
  ],
  Benchling: ['In Benchling, ask an administrator to remove this server and add it again.', CONNECT_AGAIN],
  QuiltSync: ['In QuiltSync, sign out of this catalog.', 'Sign in again: QuiltSync registers again.'],
  OpenCode: [
    'In a terminal, run `opencode mcp logout <name>` with the name that you gave this server.',
    'Run `opencode mcp auth <name>`.',
  ],
  'MCP Inspector': ['In the Inspector, open Auth and press “Clear OAuth State”.', CONNECT_AGAIN],
  'mcp-remote': [
    'Quit the application that runs mcp-remote.',
    'Delete the folder `~/.mcp-auth` in your home directory. It holds the sign-ins of every server used through mcp-remote.',
    'Start the application again.',
  ],
  'Gemini CLI': [
    'Quit Gemini CLI, and remove this server from the file `~/.gemini/mcp-oauth-tokens.json`.',
    'Start it again and enter `/mcp auth <name>`, with the name that you gave this server.',
  ],
}

/** Texts about each known application, by its name. */
export const applications = { setUp, afterwards, forget } as const
