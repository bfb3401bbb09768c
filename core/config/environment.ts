import { z } from 'zod'

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
 * Reads the variables that the schema names. An empty value counts as absent, as in an ECS task definition.
 *
 * @throws ConfigurationError with every problem; values are not repeated, since they may be secrets
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Environment,
): z.output<z.ZodObject<Shape>> {
  const present = Object.fromEntries(
    Object.keys(schema.shape)
      .map((name) => [name, environment[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  )
  const result = schema.safeParse(present)
  if (result.success) return result.data
  throw new ConfigurationError(result.error.issues.map((issue) => describe(issue, present)))
}

function describe(issue: z.core.$ZodIssue, present: Readonly<Record<string, unknown>>): string {
  const [name] = issue.path.map(String)
  if (name === undefined) return issue.message
  if (!(name in present)) return `${name} is required`
  return `${name} ${issue.path.slice(1).join('.')} ${issue.message}`.replace(/ {2,}/g, ' ')
}
