import { readConfig } from '../../../envoy/config.ts'
import { readEnvoyConfig } from '../../../envoy/lint/config/read-config.ts'
import { renderEnvoyConfig } from '../../../envoy/render/render.ts'
import { FILES_ENTRY, PLATFORM_ENTRY } from '../../support/services.ts'
import { EDGE_ENVIRONMENT } from '../support.ts'

/** With an MCP service on this machine, and an HTTP service on another. */
export const RENDERED = renderEnvoyConfig(
  readConfig({
    ...EDGE_ENVIRONMENT,
    CONNECT_SERVICES:
      PLATFORM_ENTRY + FILES_ENTRY.replace('http://127.0.0.1:8001', 'https://files.example.com'),
  }),
)

const CONTENT = JSON.stringify(readEnvoyConfig(RENDERED))

/** A fresh copy of the content, without shared objects. */
export function renderedConfig(): Record<string, unknown> {
  return JSON.parse(CONTENT) as Record<string, unknown>
}
