import { fieldsNamed } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'no connection turns into a tunnel: neither CONNECT nor WebSocket nor another upgrade',
  check: ({ root }) =>
    fieldsNamed(root, ['upgrade_configs', 'connect_matcher', 'allow_connect', 'allow_metadata'])
      .filter(({ value }) => value !== undefined && value !== false)
      .map((node) =>
        finding(node, {
          risk: 'What flows in a tunnel is checked once, and its body never; several past vulnerabilities start here (CVE-2026-73547, CVE-2026-73548, CVE-2025-64763).',
          fix: 'Take it out: MCP needs no upgrade.',
        }),
      ),
}
