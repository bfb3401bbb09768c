import { readConfig } from '../../../envoy/config.ts'
import { readEnvoyConfig } from '../../../envoy/lint/config/read-config.ts'
import { renderEnvoyConfig } from '../../../envoy/render/render.ts'
import { FILES_ENTRY, PLATFORM_ENTRY } from '../../support/services.ts'
import { EDGE_ENVIRONMENT } from '../support.ts'

/** An MCP service on this machine, and a plain HTTP service elsewhere. */
export const RENDERED = renderEnvoyConfig(
  readConfig({
    ...EDGE_ENVIRONMENT,
    CONNECT_SERVICES:
      PLATFORM_ENTRY + FILES_ENTRY.replace('http://127.0.0.1:8001', 'https://files.example.com'),
  }),
)

const CONTENT = JSON.stringify(readEnvoyConfig(RENDERED))

/** Its content, of one's own: nothing in it is shared, as anchors would have it. */
export function renderedConfig(): Record<string, unknown> {
  return JSON.parse(CONTENT) as Record<string, unknown>
}
