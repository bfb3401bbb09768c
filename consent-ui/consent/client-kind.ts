import type { Parameters } from '../oauth/parameters.ts'

/** Applications of which we know how a person makes them register anew. */
export type ClientKind =
  | 'claude'
  | 'claude_code'
  | 'chatgpt'
  | 'codex'
  | 'cursor'
  | 'vscode'
  | 'mcp_remote'
  | 'inspector'
  | 'opencode'
  | 'gemini_cli'
  | 'windsurf'
  | 'quiltsync'
  | 'databricks'
  | 'benchling'
  | 'unknown'

interface Sign {
  readonly kind: ClientKind
  readonly pattern: RegExp
}

/**
 * What a request of an unknown client still says of it: where it wants its answer. The addresses are those that
 * the clients have been seen to use. Several share one on loopback; the most used is named first.
 */
const REDIRECTS: readonly Sign[] = [
  { kind: 'claude', pattern: /^https:\/\/claude\.(ai|com)\// },
  { kind: 'chatgpt', pattern: /^https:\/\/(chatgpt\.com|chat\.openai\.com)\// },
  {
    kind: 'cursor',
    pattern: /^(cursor:|https:\/\/(www\.)?cursor\.com\/|http:\/\/localhost:8787\/callback$)/,
  },
  {
    kind: 'vscode',
    pattern: /^(vscode(-insiders)?:|https:\/\/(insiders\.)?vscode\.dev\/|http:\/\/127\.0\.0\.1(:\d+)?\/$)/,
  },
  { kind: 'windsurf', pattern: /^windsurf:/ },
  { kind: 'quiltsync', pattern: /^quilt:/ },
  { kind: 'databricks', pattern: /^https:\/\/[^/]+\.(cloud\.databricks\.com|azuredatabricks\.net)\// },
  { kind: 'benchling', pattern: /^https:\/\/[^/]+\.benchling\.com\// },
  { kind: 'opencode', pattern: /^http:\/\/127\.0\.0\.1:\d+\/mcp\/oauth\/callback$/ },
  { kind: 'inspector', pattern: /^http:\/\/(localhost:6274|127\.0\.0\.1:6276)\// },
  { kind: 'mcp_remote', pattern: /^http:\/\/localhost:(33[3-9]\d|3[4-9]\d\d)\/oauth\/callback$/ },
  { kind: 'gemini_cli', pattern: /^http:\/\/localhost:\d+\/oauth\/callback$/ },
  { kind: 'codex', pattern: /^http:\/\/127\.0\.0\.1:\d+\/callback(\/[\w-]+)?$/ },
  { kind: 'claude_code', pattern: /^http:\/\/localhost:\d+\/callback$/ },
]

/** Applications that show the page in a window of their own say so in the browser's name. */
const USER_AGENTS: readonly Sign[] = [
  { kind: 'cursor', pattern: /\bCursor\// },
  { kind: 'windsurf', pattern: /\bWindsurf\// },
  { kind: 'vscode', pattern: /\bCode( - Insiders)?\/\d/ },
  { kind: 'claude', pattern: /\bClaude\// },
  { kind: 'chatgpt', pattern: /\bChatGPT\// },
]

/** Longer than any of these; a pattern need not look at more. */
const LONGEST_HINT = 2000

/** Which application sent a person here, as far as the request tells. */
export interface ClientGuess {
  readonly kind: ClientKind
  /** Any other program may use an address like its own. */
  readonly isShared: boolean
}

/** Guesses which application sent a person here. It decides nothing but which words they read. */
export function guessClient(parameters: Parameters, userAgent: string): ClientGuess {
  const redirectUri = parameters.get('redirect_uri')
  const kind = kindBy(REDIRECTS, redirectUri)
  if (kind !== undefined) return { kind, isShared: redirectUri?.startsWith('http:') === true }
  return { kind: kindBy(USER_AGENTS, userAgent) ?? 'unknown', isShared: false }
}

function kindBy(signs: readonly Sign[], text = ''): ClientKind | undefined {
  if (text.length > LONGEST_HINT) return undefined
  return signs.find(({ pattern }) => pattern.test(text))?.kind
}
