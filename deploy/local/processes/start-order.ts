import { QUILT_MCP, type StackContext } from '../context/stack-context.ts'
import type { ProcessSpec } from './process-spec.ts'
import { files, identityProvider, platformMcp, registry } from './demo.ts'
import { envoy } from './envoy.ts'
import { quiltMcp } from './quilt-mcp.ts'
import { authz, consentUi } from './services.ts'
import { valkey } from './valkey.ts'

/** The processes in rows: a row starts when all of the row before are healthy. */
export function startOrder(context: StackContext): readonly (readonly ProcessSpec[])[] {
  return [
    storeProcesses(context),
    [...registryProcesses(context), ...serviceProcesses(context), authz(context), consentUi(context)],
    [envoy(context)],
  ]
}

function storeProcesses(context: StackContext): ProcessSpec[] {
  return context.sharesStoreWith === undefined ? [valkey(context)] : []
}

function registryProcesses(context: StackContext): ProcessSpec[] {
  return context.registryUrl === undefined && context.sharesStoreWith === undefined
    ? [identityProvider(context), registry(context)]
    : []
}

function serviceProcesses(context: StackContext): ProcessSpec[] {
  const samples = context.registryUrl === undefined ? [files(context)] : []
  if (context.service === undefined) return [platformMcp(context), ...samples]
  return context.service === QUILT_MCP ? [quiltMcp(context), ...samples] : samples
}
