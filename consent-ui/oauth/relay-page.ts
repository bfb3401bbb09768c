import { withoutTrailingDots } from '../../core/network/host-name.ts'

/**
 * Web pages that hand an authorization code on to a program on the person's own computer, by a custom scheme: the
 * code reaches any program that claims the scheme (RFC 8252 section 7.1), whatever site the page is on.
 */
const RELAY_HOSTS = [
  // Visual Studio Code, from /redirect, to vscode: and vscode-insiders:.
  /(^|\.)vscode\.dev$/,
  // The same, for older versions.
  /^vscode-redirect\.azurewebsites\.net$/,
  // Postman's desktop application.
  /^oauth\.pstmn\.io$/,
  // Raycast's extensions.
  /(^|\.)raycast\.com$/,
]

/** True if answers sent there are known to go on to a program on this computer. The path does not decide it. */
export function isRelayPage(hostname: string): boolean {
  const host = withoutTrailingDots(hostname)
  return RELAY_HOSTS.some((relay) => relay.test(host))
}
