import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Filters that read JSON-RPC or other bodies, and answer or route by them. */
const PARSING =
  /\.(mcp|mcp_router|mcp_json_rest_bridge|a2a|ai_protocol_manager|json_to_metadata|lua|wasm|golang|dynamic_modules)\.v3/

export const rule: Rule = {
  holds: 'no filter of Envoy decides by the content of a body',
  check: ({ managers }) =>
    managers
      .flatMap(({ filters }) => filters)
      .filter(({ type }) => PARSING.test(`.${type}`))
      .map(({ node }) =>
        finding(node, {
          risk: "Envoy's threat model does not cover its MCP filter: it ignores batches and other content types, reads only the start of a large body, and accepts JSON that services refuse.",
          fix: 'Remove the filter: authz reads the whole body in its tool_access stage.',
        }),
      ),
}
