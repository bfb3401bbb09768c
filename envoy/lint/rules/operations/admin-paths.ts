import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** Paths that operators need: probes, statistics, draining, the end. */
const NEEDED = ['/ready', '/healthcheck/fail', '/healthcheck/ok', '/quitquitquit']
const NEEDED_PREFIXES = ['/stats', '/drain_listeners']

export const rule: Rule = {
  holds: 'the admin interface answers only at the paths that operators need',
  check({ root }) {
    const admin = root.at('admin')
    if (!admin.exists) return []
    const paths = admin.at('allow_paths')
    if (paths.items().length > 0)
      return paths
        .items()
        .filter((path) => !isNeeded(path))
        .map(refuse)
    return [refuse(paths)]
  },
}

function isNeeded(path: ConfigNode): boolean {
  const [match, ...others] = path.entries()
  if (match === undefined || others.length > 0) return false
  const [kind, { text = '' }] = match
  return (
    (kind === 'exact' && [...NEEDED, ...NEEDED_PREFIXES].includes(text)) ||
    (kind === 'prefix' && NEEDED_PREFIXES.includes(text))
  )
}

function refuse(node: ConfigNode) {
  return finding(node, {
    risk: 'Other admin paths show configuration and memory (/config_dump, /heap_dump), or change what runs (/runtime_modify, /logging at trace prints tokens).',
    fix: `Set allow_paths to only ${[...NEEDED, ...NEEDED_PREFIXES].join(', ')}.`,
  })
}
