import { QUILT_MCP, type Facts } from './facts.ts'
import type { Part } from './part.ts'
import { files, identityProvider, platformMcp, registry } from './parts/demo.ts'
import { envoy } from './parts/envoy.ts'
import { quiltMcp } from './parts/quilt-mcp.ts'
import { authz, consentUi } from './parts/services.ts'
import { valkey } from './parts/valkey.ts'

/** The parts in the order of their start: those of one row start together, when the row before them works. */
export function plan(facts: Facts): readonly (readonly Part[])[] {
  return [
    storeParts(facts),
    [...registryParts(facts), ...serviceParts(facts), authz(facts), consentUi(facts)],
    [envoy(facts)],
  ]
}

function storeParts(facts: Facts): Part[] {
  return facts.joins === undefined ? [valkey(facts)] : []
}

function registryParts(facts: Facts): Part[] {
  return facts.registryUrl === undefined && facts.joins === undefined
    ? [identityProvider(facts), registry(facts)]
    : []
}

function serviceParts(facts: Facts): Part[] {
  const samples = facts.registryUrl === undefined ? [files(facts)] : []
  if (facts.service === undefined) return [platformMcp(facts), ...samples]
  return facts.service === QUILT_MCP ? [quiltMcp(facts), ...samples] : samples
}
