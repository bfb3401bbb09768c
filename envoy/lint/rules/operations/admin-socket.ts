import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** 0600 in decimal, which YAML 1.1 and 1.2 read alike. */
const OWNER_ONLY = 384

export const rule: Rule = {
  holds: 'the admin interface is a Unix socket that only its own user may open',
  check({ root }) {
    const admin = root.at('admin')
    if (!admin.exists) return []
    const pipe = admin.at('address', 'pipe')
    const isFile = pipe.at('path').text?.startsWith('/') === true
    if (isFile && pipe.at('mode').value === OWNER_ONLY && !admin.at('address', 'socket_address').exists)
      return []
    return [
      finding(admin.at('address'), {
        risk: 'The admin interface shows this configuration and stops the process; every container of the task, and web pages by DNS rebinding, reach a port.',
        fix: 'Set address: { pipe: { path: /run/…/admin.sock, mode: 384 } } (0600).',
      }),
    ]
  },
}
