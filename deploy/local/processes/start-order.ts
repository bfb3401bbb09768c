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
    [...demoProcesses(context), ...serviceProcesses(context), authz(context), consentUi(context)],
    [envoy(context)],
  ]
}

function storeProcesses(context: StackContext): ProcessSpec[] {
  return context.sharesStoreWith === undefined ? [valkey(context)] : []
}

function demoProcesses(context: StackContext): ProcessSpec[] {
  const others = [context.registryUrl, context.sharesStoreWith, context.startDemo]
  return others.every((each) => each === undefined)
    ? [identityProvider(context), registry(context), files(context)]
    : []
}

function serviceProcesses(context: StackContext): ProcessSpec[] {
  if (context.service === undefined) return [platformMcp(context)]
  return context.service === QUILT_MCP ? [quiltMcp(context)] : []
}
