/** Runs TypeScript without a build. */
const MIN_NODE_MAJOR = 24

/**
 * The reason why nothing here runs on this platform.
 *
 * @param {string} platform
 * @param {string} arch
 * @returns {string | undefined}
 */
export function platformProblem(platform, arch) {
  const isSupported = ['linux', 'darwin'].includes(platform) && ['x64', 'arm64'].includes(arch)
  return isSupported ? undefined : `Linux and macOS (x64 or arm64) are supported, not ${platform} ${arch}`
}

/**
 * The reason why the Node of npm's scripts cannot run this project. On Linux it is an npm package; none exists for
 * macOS.
 *
 * @param {{ platform: string, arch: string, version: string | undefined }} node - `node --version`, if it ran
 * @returns {string | undefined}
 */
export function nodeProblem({ platform, arch, version }) {
  if (Number(/^v(\d+)\./.exec(version ?? '')?.[1]) >= MIN_NODE_MAJOR) return undefined
  if (platform === 'linux') return `npm did not install node-linux-${arch}; run "npm ci" to see why`
  const found = version === undefined ? 'PATH has no node' : `node on PATH is ${version}`
  return `Node ${MIN_NODE_MAJOR} or later is required, but ${found}; run "brew install node@${MIN_NODE_MAJOR}"`
}
