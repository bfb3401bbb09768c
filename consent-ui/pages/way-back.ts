import { ShownError } from '../oauth/errors.ts'
import type { ClientGuess, ClientKind } from '../consent/client-kind.ts'

/** How a person makes an application forget its registration, so that it registers anew. */
interface Recovery {
  /** As people know the application. */
  readonly name: string
  /** What to do, in order. Words in backticks are typed. */
  readonly steps: readonly [string, ...string[]]
}

const AND_AGAIN = 'Connect again.'

/** Programs on this computer use addresses alike, so the guess may be wrong. */
const OTHERWISE =
  'If you use another application: remove the connection to this server there, and add it again.'

const RECOVERIES: Readonly<Record<ClientKind, Recovery>> = {
  claude: {
    name: 'Claude',
    steps: [
      'In Claude, open Settings, then Connectors.',
      'Remove this connector.',
      'Add it again, and connect.',
    ],
  },
  claude_code: {
    name: 'Claude Code',
    steps: [
      'In a terminal, run `claude mcp logout <name>` with the name that you gave this server (`claude mcp list` shows it). Inside Claude Code, `/mcp`, this server, “Clear authentication” does the same.',
      'Run `claude mcp login <name>`.',
    ],
  },
  chatgpt: {
    name: 'ChatGPT',
    steps: [
      'In ChatGPT, open Settings, then Apps & Connectors.',
      'Delete this connector; disconnecting alone keeps the old registration.',
      'Create it again, and connect.',
    ],
  },
  codex: {
    name: 'Codex',
    steps: [
      'In a terminal, run `codex mcp logout <name>` with the name that you gave this server (`codex mcp list` shows it).',
      'Run `codex mcp login <name>`.',
    ],
  },
  cursor: {
    name: 'Cursor',
    steps: [
      'In Cursor, open the Command Palette and run `Cursor: Clear All MCP Tokens`.',
      'Open Cursor Settings, then MCP, and switch this server off and on.',
      AND_AGAIN,
    ],
  },
  vscode: {
    name: 'Visual Studio Code',
    steps: [
      'In Visual Studio Code, open the Command Palette and run `Authentication: Remove Dynamic Authentication Providers`.',
      'Choose this server, and confirm.',
      'Run `MCP: List Servers`, choose this server, and start it again.',
    ],
  },
  mcp_remote: {
    name: 'mcp-remote',
    steps: [
      'Quit the application that runs mcp-remote.',
      'Delete the folder `~/.mcp-auth` in your home directory. It holds the sign-ins of every server used through mcp-remote.',
      'Start the application again.',
    ],
  },
  inspector: {
    name: 'MCP Inspector',
    steps: ['In the Inspector, open Auth and press “Clear OAuth State”.', AND_AGAIN],
  },
  opencode: {
    name: 'OpenCode',
    steps: [
      'In a terminal, run `opencode mcp logout <name>` with the name that you gave this server.',
      'Run `opencode mcp auth <name>`.',
    ],
  },
  gemini_cli: {
    name: 'Gemini CLI',
    steps: [
      'Quit Gemini CLI, and remove this server from the file `~/.gemini/mcp-oauth-tokens.json`.',
      'Start it again and enter `/mcp auth <name>`, with the name that you gave this server.',
    ],
  },
  windsurf: {
    name: 'Windsurf',
    steps: ['In Windsurf, open the MCP settings and remove this server.', 'Add it again, and connect.'],
  },
  quiltsync: {
    name: 'QuiltSync',
    steps: ['In QuiltSync, sign out of this catalog.', 'Sign in again: QuiltSync registers anew.'],
  },
  databricks: {
    name: 'Databricks',
    steps: [
      'In Databricks, open Catalog, then Connections, and delete the connection to this server.',
      'Create it again, and sign in.',
    ],
  },
  benchling: {
    name: 'Benchling',
    steps: ['In Benchling, ask an administrator to remove this server and add it again.', AND_AGAIN],
  },
  unknown: {
    name: 'The application',
    steps: [
      'In the application, remove the connection to this server. To sign out may not be enough: the application has to forget that it ever registered.',
      'Add the connection again.',
    ],
  },
}

/** Tells the person whose application is unknown here what makes it register anew; the application cannot be told. */
export function wayBack({ kind, isShared }: ClientGuess): ShownError {
  const { name, steps } = RECOVERIES[kind]
  const general = isShared ? [OTHERWISE] : []
  const what =
    kind === 'unknown'
      ? 'This application is not registered here, or not any more.'
      : `${name} seems to ask, with a registration that this server does not know, or not any more.`
  return new ShownError('Unknown application', `${what} It keeps on using it until you do this:`, {
    steps: [...steps, ...general],
  })
}
