import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Filters that read JSON-RPC, or whatever else they are told to, and answer or route by it. */
const PARSING =
  /\.(mcp|mcp_router|mcp_json_rest_bridge|a2a|ai_protocol_manager|json_to_metadata|lua|wasm|golang|dynamic_modules)\.v3/

export const rule: Rule = {
  holds: 'no policy is built on what a filter of Envoy reads in a body',
  check: ({ managers }) =>
    managers
      .flatMap(({ filters }) => filters)
      .filter(({ type }) => PARSING.test(`.${type}`))
      .map(({ node }) =>
        finding(node, {
          risk: "Envoy's MCP filter is outside its threat model: it gives nothing for batches and other content types, a part over its limit, and reads JSON that services refuse.",
          fix: 'Take it out: authz reads the whole body in its second stage.',
        }),
      ),
}
