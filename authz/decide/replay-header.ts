import type { Route } from './route.ts'
import type { ToolAccess } from './tool-access.ts'

/**
 * Last-Event-ID asks an MCP server to replay a stream, and belongs to a GET (MCP, Streamable HTTP, Resumability). Some
 * servers follow it on any method, so the answer to a POST could be one that was never asked for. Envoy takes it off
 * where no second check looks at the request; the second check refuses it.
 */
const REPLAY_HEADER = 'last-event-id'

/** The header's name where Envoy is to take it off. */
export function replayHeaderToRemove(
  { route, method }: { readonly route: Route; readonly method: string },
  toolAccess: ToolAccess,
): readonly string[] {
  const isFollowed = route.service.kind === 'mcp' && method !== 'GET'
  return isFollowed && toolAccess === 'not_needed' ? [REPLAY_HEADER] : []
}
