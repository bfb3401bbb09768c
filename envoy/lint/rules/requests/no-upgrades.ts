import { fieldsNamed } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'no connection becomes a tunnel: no CONNECT, no WebSocket, no other upgrade',
  check: ({ root }) =>
    fieldsNamed(root, ['upgrade_configs', 'connect_matcher', 'allow_connect', 'allow_metadata'])
      .filter(({ value }) => value !== undefined && value !== false)
      .map((node) =>
        finding(node, {
          risk: 'Envoy asks authz once for a tunnel, and never about its content; several vulnerabilities started here (CVE-2026-73547, CVE-2026-73548, CVE-2025-64763).',
          fix: 'Remove the field: MCP needs no upgrade.',
        }),
      ),
}
