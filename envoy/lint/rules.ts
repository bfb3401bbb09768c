import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Rule } from './rule.ts'

/** The folders of rules/, and their headings in the README. */
export const SECTIONS = {
  input: 'Input',
  requests: 'Requests',
  authz: 'The authenticate stage',
  'tool-access': 'The tool_access stage',
  'list-filter': 'The list filter',
  routes: 'Routes',
  upstreams: 'Upstreams',
  operations: 'Operations',
} as const

export interface NamedRule extends Rule {
  /** The file's. */
  readonly name: string
  readonly section: string
}

/** Every rule, as a file of rules/: by section, then by name. */
export const RULES: readonly NamedRule[] = (await Promise.all(Object.keys(SECTIONS).map(rulesOf))).flat()

async function rulesOf(section: string): Promise<NamedRule[]> {
  const files = globSync('*.ts', { cwd: join(import.meta.dirname, 'rules', section) }).sort()
  return await Promise.all(
    files.map(async (file) => {
      const { rule } = (await import(`./rules/${section}/${file}`)) as { rule: Rule }
      return { ...rule, name: basename(file, '.ts'), section }
    }),
  )
}
