import { withoutTrailingDots } from '../../core/network/host-name.ts'

/** Web pages that pass a code to a program by a custom scheme, which any program can claim (RFC 8252 section 7.1). */
const RELAY_HOSTS = [
  // Visual Studio Code, from /redirect, to vscode: and vscode-insiders:.
  /(^|\.)vscode\.dev$/,
  // Older versions of it.
  /^vscode-redirect\.azurewebsites\.net$/,
  // Postman's desktop application.
  /^oauth\.pstmn\.io$/,
  // Raycast's extensions.
  /(^|\.)raycast\.com$/,
]

/** True if a host, on any path, passes codes to a program on the user's computer. */
export function isRelayPage(hostname: string): boolean {
  const host = withoutTrailingDots(hostname)
  return RELAY_HOSTS.some((relay) => relay.test(host))
}
