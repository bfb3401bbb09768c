import type { Access } from '../../core/sessions/session.ts'
import type { Route } from './route.ts'

/** Whether the second check, which sees the body, has to be asked about a request whose caller may pass. */
export type ToolAccess = 'needed' | 'not_needed'

/**
 * What access means at a route. At an MCP service the message says what is asked for, which the second check looks
 * at; a plain HTTP service is looked at by GET and HEAD alone, and Envoy's route says so.
 */
export function toolAccess({ service, reads }: Route, access: Access): ToolAccess | 'read_only' {
  if (access === 'full') return 'not_needed'
  if (service.kind === 'mcp') return 'needed'
  return reads ? 'not_needed' : 'read_only'
}
