import { z } from 'zod'
import { readVariable } from './secret-variables.ts'

export class ConfigurationError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    )
    this.name = 'ConfigurationError'
    this.problems = problems
  }
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the variables that the schema names, secrets also from files. An empty value counts as absent, as in an ECS task
 * definition.
 *
 * @throws ConfigurationError with every problem; values are not repeated, since they may be secrets
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Environment,
): z.output<z.ZodObject<Shape>> {
  const present: Record<string, string> = {}
  const unread = new Map<string, string>()
  for (const name of Object.keys(schema.shape)) {
    const read = readVariable(name, environment)
    if ('problem' in read) unread.set(name, read.problem)
    else if (read.value !== undefined) present[name] = read.value
  }
  const result = schema.safeParse(present)
  if (result.success && unread.size === 0) return result.data
  const issues = (result.error?.issues ?? []).filter((issue) => !isAboutUnread(issue, unread))
  throw new ConfigurationError([...unread.values(), ...issues.map((issue) => describe(issue, present))])
}

/** True if an issue only says that an unread variable is missing. */
function isAboutUnread({ path: [name] }: z.core.$ZodIssue, unread: ReadonlyMap<string, string>): boolean {
  return unread.size > 0 && (name === undefined || unread.has(String(name)))
}

function describe(issue: z.core.$ZodIssue, present: Readonly<Record<string, unknown>>): string {
  const [name] = issue.path.map(String)
  if (name === undefined) return issue.message
  if (!(name in present)) return `${name} is required`
  return `${name} ${issue.path.slice(1).join('.')} ${issue.message}`.replace(/ {2,}/g, ' ')
}
