import { ConfigurationError } from './environment.ts'

type Readers = Readonly<Record<string, () => unknown>>

/**
 * Runs every reader of a part of a configuration.
 *
 * @throws ConfigurationError with the problems of all parts, each once
 */
export function readAll<Parts extends Readers>(
  parts: Parts,
): { [Name in keyof Parts]: ReturnType<Parts[Name]> } {
  const problems = new Set<string>()
  const read = Object.entries(parts).map(([name, part]) => {
    try {
      return [name, part()]
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      for (const problem of error.problems) problems.add(problem)
      return [name, undefined]
    }
  })
  if (problems.size > 0) throw new ConfigurationError([...problems])
  return Object.fromEntries(read) as { [Name in keyof Parts]: ReturnType<Parts[Name]> }
}
