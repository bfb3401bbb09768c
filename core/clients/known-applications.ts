import { isListed, parseAllowedHosts, type AllowedHosts } from './allowed-hosts.ts'

/** An application that users know by name. Nothing here lets it in: that is `CONNECT_ALLOWED_HOSTS`. */
export interface KnownApplication {
  readonly name: string
  /** Names that the consent page protects; warnings show the first. */
  readonly protectedNames?: readonly [string, ...string[]]
  /** Redirect URIs on its websites and of its URI schemes. */
  readonly redirects?: AllowedHosts
  /** Redirect URIs on the user's computer. Any other program may use the same. */
  readonly loopback?: RegExp
  readonly userAgent?: RegExp
  readonly document?: PinnedDocument
  /** What the user pastes to add the server. */
  readonly setUp?: (server: McpServer) => readonly string[]
  readonly setUpLine?: (url: string) => string
  /** A link that opens the application and adds the server, as its vendor documents it. */
  readonly addLink?: (url: string) => string
}

/** The members that we read of a client ID metadata document that a vendor publishes. */
interface PinnedDocument {
  readonly client_id: string
  readonly client_name: string
  readonly redirect_uris: readonly string[]
  readonly token_endpoint_auth_method: 'none' | 'private_key_jwt'
  readonly jwks_uri?: string
  /** The vendor alone publishes at this host, so all documents there are trusted by default. */
  readonly isVendorHost: boolean
}

interface McpServer {
  readonly origin: string
  readonly path: string
  readonly url: string
}

const claudeCode = (url: string) => [
  `claude mcp add --scope user --transport http quilt ${url}`,
  'claude mcp login quilt',
]
const codex = (url: string) => [`codex mcp add quilt --url ${url}`, 'codex mcp login quilt']

/** As seen in November 2026. Of applications that share a loopback address, the first here counts. */
export const KNOWN_APPLICATIONS: readonly KnownApplication[] = [
  {
    name: 'Claude',
    protectedNames: ['Claude', 'Anthropic'],
    redirects: parseAllowedHosts('claude.ai,.claude.ai,claude.com,.claude.com'),
    userAgent: /\bClaude\//,
    document: {
      client_id: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
      client_name: 'Claude',
      redirect_uris: ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'],
      token_endpoint_auth_method: 'none',
      isVendorHost: true,
    },
    setUp: ({ url }) => [url],
  },
  {
    name: 'ChatGPT',
    protectedNames: ['ChatGPT', 'Chat GPT', 'OpenAI'],
    redirects: parseAllowedHosts('chatgpt.com,chat.openai.com'),
    userAgent: /\bChatGPT\//,
    document: {
      client_id: 'https://chatgpt.com/oauth/client.json',
      client_name: 'ChatGPT',
      redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: 'https://chatgpt.com/oauth/jwks.json',
      isVendorHost: true,
    },
    setUp: ({ url }) => [url],
  },
  {
    name: 'Cursor',
    protectedNames: ['Cursor'],
    redirects: parseAllowedHosts('cursor://,cursor.com,www.cursor.com'),
    loopback: /^http:\/\/localhost:8787\/callback$/,
    userAgent: /\bCursor\//,
    setUp: ({ url }) => [JSON.stringify({ mcpServers: { quilt: { url } } }, undefined, 2)],
    // https://cursor.com/docs/mcp/install-links
    addLink: (url) =>
      `cursor://anysphere.cursor-deeplink/mcp/install?name=quilt&config=${encodeURIComponent(btoa(JSON.stringify({ url })))}`,
    setUpLine: (url) => `~/.cursor/mcp.json: ${JSON.stringify({ mcpServers: { quilt: { url } } })}`,
  },
  {
    name: 'Windsurf',
    protectedNames: ['Windsurf'],
    redirects: parseAllowedHosts('windsurf://'),
    userAgent: /\bWindsurf\//,
  },
  {
    name: 'Visual Studio Code',
    protectedNames: ['Visual Studio Code', 'VS Code', 'VSCode'],
    redirects: parseAllowedHosts('vscode://,vscode-insiders://,vscode.dev,insiders.vscode.dev'),
    loopback: /^http:\/\/127\.0\.0\.1(:\d+)?\/$/,
    userAgent: /\bCode( - Insiders)?\/\d/,
    document: {
      client_id: 'https://vscode.dev/oauth/client-metadata.json',
      client_name: 'Visual Studio Code',
      redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
      token_endpoint_auth_method: 'none',
      isVendorHost: true,
    },
    setUp: ({ url }) => [JSON.stringify({ servers: { quilt: { type: 'http', url } } }, undefined, 2)],
    // https://code.visualstudio.com/api/extension-guides/ai/mcp
    addLink: (url) =>
      `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name: 'quilt', type: 'http', url }))}`,
    setUpLine: (url) => `code --add-mcp '${JSON.stringify({ name: 'quilt', type: 'http', url })}'`,
  },
  {
    name: 'Codex',
    protectedNames: ['Codex'],
    redirects: parseAllowedHosts('chatgpt.com,chat.openai.com'),
    loopback: /^http:\/\/127\.0\.0\.1(:\d+)?\/callback(\/[\w-]+)?$/,
    document: {
      client_id: 'https://chatgpt.com/oauth/codex/client.json',
      client_name: 'Codex',
      redirect_uris: ['http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
      isVendorHost: true,
    },
    setUp: ({ url }) => codex(url),
    setUpLine: (url) => codex(url).join(' && '),
  },
  {
    name: 'Claude Code',
    loopback: /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?\/callback$/,
    document: {
      client_id: 'https://claude.ai/oauth/claude-code-client-metadata',
      client_name: 'Claude Code',
      redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
      isVendorHost: true,
    },
    setUp: ({ url }) => claudeCode(url),
    setUpLine: (url) => claudeCode(url).join(' && '),
  },
  {
    name: 'Databricks',
    protectedNames: ['Databricks'],
    redirects: parseAllowedHosts('.cloud.databricks.com,.gcp.databricks.com,.azuredatabricks.net'),
    setUp: ({ origin, path }) => [origin, path],
  },
  {
    name: 'Benchling',
    protectedNames: ['Benchling'],
    redirects: parseAllowedHosts('.benchling.com'),
    setUp: ({ url }) => [url],
  },
  {
    name: 'QuiltSync',
    protectedNames: ['Quilt', 'QuiltSync', 'Quilt Data'],
    redirects: parseAllowedHosts('quilt://'),
  },
  {
    name: 'OpenCode',
    loopback: /^http:\/\/(127\.0\.0\.1(:\d+)?\/(mcp\/oauth\/)?callback|localhost(:\d+)?\/callback)$/,
    document: {
      client_id: 'https://opencode.ai/oauth/opencode/client.json',
      client_name: 'opencode',
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
      token_endpoint_auth_method: 'none',
      isVendorHost: false,
    },
  },
  {
    name: 'MCP Inspector',
    loopback: /^http:\/\/(localhost:6274|127\.0\.0\.1:6276)\//,
    setUpLine: (url) => `npx @modelcontextprotocol/inspector --transport http --server-url ${url}`,
  },
  {
    name: 'mcp-remote',
    loopback: /^http:\/\/localhost:(33[3-9]\d|3[4-9]\d\d)\/oauth\/callback$/,
  },
  {
    name: 'Gemini CLI',
    loopback: /^http:\/\/localhost:\d+\/oauth\/callback$/,
  },
  { name: 'Gemini', protectedNames: ['Gemini'], redirects: parseAllowedHosts('gemini.google.com') },
  {
    name: 'Zed',
    loopback: /^http:\/\/127\.0\.0\.1(:\d+)?\/callback$/,
    document: {
      client_id: 'https://zed.dev/oauth/client-metadata.json',
      client_name: 'Zed',
      redirect_uris: ['http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
      isVendorHost: true,
    },
  },
  {
    name: 'GitHub Copilot CLI',
    loopback: /^http:\/\/127\.0\.0\.1(:\d+)?\/(callback)?$/,
    document: {
      client_id: 'https://github.com/copilot/cli/client-metadata.json',
      client_name: 'GitHub Copilot CLI',
      // Only the first is published, but it also listens at the second.
      redirect_uris: ['http://127.0.0.1:33418/', 'http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
      isVendorHost: false,
    },
  },
  {
    name: 'Goose',
    loopback: /^http:\/\/(127\.0\.0\.1|\[::1\])(:\d+)?\/oauth_callback$/,
    document: {
      client_id: 'https://goose-docs.ai/oauth/client-metadata.json',
      client_name: 'goose',
      redirect_uris: ['http://127.0.0.1/oauth_callback', 'http://[::1]/oauth_callback'],
      token_endpoint_auth_method: 'none',
      isVendorHost: false,
    },
  },
]

export function usesRedirect({ redirects = [], loopback }: KnownApplication, url: URL): boolean {
  return isListed(url, redirects) || loopback?.test(url.href) === true
}
