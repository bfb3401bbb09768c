import { mkdirSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Environment } from '../../../core/config/environment.ts'
import type { StackContext } from '../context/stack-context.ts'
import { answersHttp } from '../../container/answers-http.ts'
import type { ProcessSpec } from './process-spec.ts'
import { QUILT_MCP_PYTHON } from '../quilt-mcp/installation.ts'
import { registryUrlOf } from '../context/addresses.ts'

/** The default of some of its tools; the others fail without a region. */
const FALLBACK_REGION = 'us-east-1'

/** The open-source Quilt MCP server in its mode for several users; it must be installed. */
export function quiltMcp(context: StackContext): ProcessSpec {
  const { platformMcp: port } = context.ports
  return {
    name: 'platform-mcp',
    command: QUILT_MCP_PYTHON,
    // -P: does not import modules from the current folder.
    args: ['-P', '-m', 'quilt_mcp.main', '--skip-banner'],
    environment: { ...serving(context), ...withoutMachineCredentials(context), ...aws(context), ...quiet },
    isHealthy: () => answersHttp({ port, path: '/healthz' }),
  }
}

function serving(context: StackContext): Environment {
  return {
    QUILT_DEPLOYMENT: 'remote',
    QUILT_REGISTRY_URL: registryUrlOf(context),
    QUILT_CATALOG_URL: catalogUrlOf(registryUrlOf(context)),
    FASTMCP_HOST: '127.0.0.1',
    FASTMCP_PORT: String(context.ports.platformMcp),
    // Checks Host against DNS rebinding. Origin is not checked: any client of Envoy may send any, with its token.
    FASTMCP_HTTP_HOST_ORIGIN_PROTECTION: 'true',
    FASTMCP_HTTP_ALLOWED_ORIGINS: '["*"]',
  }
}

/**
 * Hides the credentials of this machine: a Quilt login, AWS key files, the instance role, .netrc. quilt-mcp would fall
 * back to them when a user's own credential fails, and act as the person who ran `npm start`.
 */
function withoutMachineCredentials({ folder }: StackContext): Environment {
  const home = join(folder, 'quilt-mcp')
  mkdirSync(home, { recursive: true })
  return {
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    BOTO_CONFIG: devNull,
    PYTHON_DOTENV_DISABLED: 'true',
    FASTMCP_ENV_FILE: devNull,
  }
}

/** Sends AWS calls to the demo Registry, which refuses them, so that AWS does not see the demo's names. */
function aws(context: StackContext): Environment {
  const { AWS_DEFAULT_REGION = FALLBACK_REGION } = process.env
  if (context.registryUrl !== undefined) return { AWS_DEFAULT_REGION }
  const endpoint = new URL('/no-aws', registryUrlOf(context))
  // An IP address: to a name, the S3 client would prepend the bucket (quilt-lab.localhost).
  endpoint.hostname = '127.0.0.1'
  return { AWS_DEFAULT_REGION, AWS_ENDPOINT_URL: endpoint.href }
}

const quiet: Environment = {
  // MCP_TELEMETRY_ENABLED, as documented, has no effect in this version.
  QUILT_DISABLE_USAGE_METRICS: 'true',
  FASTMCP_ENABLE_RICH_LOGGING: 'false',
  NO_COLOR: '1',
  PYTHONUNBUFFERED: '1',
}

/**
 * The catalog of a Registry, by the names that Quilt's own deployment gives them (https://quilt.example.com and
 * https://quilt-registry.example.com); for other names, the Registry itself.
 */
export function catalogUrlOf(registryUrl: string): string {
  const url = new URL(registryUrl)
  url.hostname = url.hostname.replace(/^([^.]+)-registry\./, '$1.')
  return url.href
}
