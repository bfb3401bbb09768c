import { mkdirSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Environment } from '../../../core/config/environment.ts'
import type { StackContext } from '../context/stack-context.ts'
import { answersHttp } from '../supervisor/health.ts'
import type { ProcessSpec } from './process-spec.ts'
import { catalogUrlOf } from '../quilt-mcp/catalog-url.ts'
import { QUILT_MCP_PYTHON } from '../quilt-mcp/installation.ts'
import { registryUrlOf } from '../context/addresses.ts'

/** Some of its tools take this one themselves where none is given, and others fail. */
const FALLBACK_REGION = 'us-east-1'

/** The open-source Quilt MCP server, fetched before, for several users of whichever Registry is in use. */
export function quiltMcp(context: StackContext): ProcessSpec {
  const { platformMcp: port } = context.ports
  return {
    name: 'platform-mcp',
    command: QUILT_MCP_PYTHON,
    // Modules of the folder that we are started in are not to be taken for its own.
    args: ['-P', '-m', 'quilt_mcp.main', '--skip-banner'],
    environment: { ...serving(context), ...nothingOfThisMachine(context), ...aws(context), ...quiet },
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
    // Host must be this machine, or a web page reaches it by DNS rebinding. Origin is whatever a client that came
    // through Envoy sends; what it may do, its token says.
    FASTMCP_HTTP_HOST_ORIGIN_PROTECTION: 'true',
    FASTMCP_HTTP_ALLOWED_ORIGINS: '["*"]',
  }
}

/**
 * Where a user's credential does not do, quilt-mcp tries what it finds on its machine: another Quilt login, AWS keys
 * in files, the role of the virtual machine, a .netrc. Those are of whoever started this stack; it shall find none.
 */
function nothingOfThisMachine({ folder }: StackContext): Environment {
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

/** The demo has no AWS: its Registry says so, in place of the real one, which would see the demo's names. */
function aws(context: StackContext): Environment {
  const { AWS_DEFAULT_REGION = FALLBACK_REGION } = process.env
  if (context.registryUrl !== undefined) return { AWS_DEFAULT_REGION }
  const endpoint = new URL('/no-aws', registryUrlOf(context))
  // By number: of a name, S3's client would make one for each bucket (quilt-lab.localhost).
  endpoint.hostname = '127.0.0.1'
  return { AWS_DEFAULT_REGION, AWS_ENDPOINT_URL: endpoint.href }
}

const quiet: Environment = {
  // The one that this version reads; MCP_TELEMETRY_ENABLED, as documented, is not.
  QUILT_DISABLE_USAGE_METRICS: 'true',
  FASTMCP_ENABLE_RICH_LOGGING: 'false',
  NO_COLOR: '1',
  PYTHONUNBUFFERED: '1',
}
