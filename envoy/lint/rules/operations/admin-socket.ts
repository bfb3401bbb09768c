import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** 0600, as YAML of either version reads it. */
const OWNER_ONLY = 384

export const rule: Rule = {
  holds: 'the admin interface is a Unix socket that only our own user may open',
  check({ root }) {
    const admin = root.at('admin')
    if (!admin.exists) return []
    const pipe = admin.at('address', 'pipe')
    const isFile = pipe.at('path').text?.startsWith('/') === true
    if (isFile && pipe.at('mode').value === OWNER_ONLY && !admin.at('address', 'socket_address').exists)
      return []
    return [
      finding(admin.at('address'), {
        risk: 'Whoever reaches the admin interface reads this configuration and stops the process; a port is open to every container of the task and to web pages by DNS rebinding.',
        fix: 'Set address: { pipe: { path: /run/…/admin.sock, mode: 384 } } (0600).',
      }),
    ]
  },
}
