/**
 * What well-known clients publish of themselves, for when it cannot be fetched: some refuse the addresses of clouds
 * (Claude), and a server without a way out fetches nothing. Only what decides is repeated: the redirect URIs, and
 * how the client authenticates. As published in November 2026. Their hosts publish documents of one vendor, which has
 * several.
 */
const OF_TRUSTED_HOSTS = [
  {
    client_id: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
    client_name: 'Claude',
    redirect_uris: ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'],
    token_endpoint_auth_method: 'none',
  },
  {
    client_id: 'https://claude.ai/oauth/claude-code-client-metadata',
    client_name: 'Claude Code',
    redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'none',
  },
  {
    client_id: 'https://chatgpt.com/oauth/client.json',
    client_name: 'ChatGPT',
    redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks_uri: 'https://chatgpt.com/oauth/jwks.json',
  },
  {
    client_id: 'https://chatgpt.com/oauth/codex/client.json',
    client_name: 'Codex',
    redirect_uris: ['http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'none',
  },
  {
    client_id: 'https://vscode.dev/oauth/client-metadata.json',
    client_name: 'Visual Studio Code',
    redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
    token_endpoint_auth_method: 'none',
  },
  {
    client_id: 'https://zed.dev/oauth/client-metadata.json',
    client_name: 'Zed',
    redirect_uris: ['http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'none',
  },
]

/** The same, of hosts where others publish too, or which are known for one document: only exactly these are trusted. */
const OF_OTHER_HOSTS = [
  {
    client_id: 'https://github.com/copilot/cli/client-metadata.json',
    client_name: 'GitHub Copilot CLI',
    // The first is published; it listens at any port, and at the second path too.
    redirect_uris: ['http://127.0.0.1:33418/', 'http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'none',
  },
  {
    client_id: 'https://opencode.ai/oauth/opencode/client.json',
    client_name: 'opencode',
    redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
    token_endpoint_auth_method: 'none',
  },
  {
    client_id: 'https://goose-docs.ai/oauth/client-metadata.json',
    client_name: 'goose',
    redirect_uris: ['http://127.0.0.1/oauth_callback', 'http://[::1]/oauth_callback'],
    token_endpoint_auth_method: 'none',
  },
]

/** Which documents are trusted unless the operator says otherwise, as `CONNECT_CLIENT_HOSTS` has it. */
export const DEFAULT_CLIENT_HOSTS = [
  ...new Set(OF_TRUSTED_HOSTS.map(({ client_id: id }) => new URL(id).host)),
  ...OF_OTHER_HOSTS.map(({ client_id: id }) => id),
].join(',')

/** What a well-known client publishes; undefined for every other. */
export function pinnedDocument(url: string): unknown {
  return [...OF_TRUSTED_HOSTS, ...OF_OTHER_HOSTS].find(({ client_id: id }) => id === url)
}
