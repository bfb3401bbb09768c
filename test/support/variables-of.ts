import assert from 'node:assert/strict'
import { ConfigurationError, type Environment } from '../../core/config/environment.ts'

export type ReadConfig = (environment: Environment) => unknown

/** The variables that a process asks for, when none is set. */
export function variablesOf(read: ReadConfig): readonly string[] {
  const asked = new Set<string>()
  const recording = new Proxy<Environment>(
    {},
    {
      get(_target, name) {
        asked.add(String(name))
        return undefined
      },
    },
  )
  assert.throws(() => read(recording), ConfigurationError)
  return [...asked]
}

/** What a process says of its environment; empty if it would start. */
export function problemsOf(read: ReadConfig, environment: Environment): readonly string[] {
  try {
    read(environment)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error.problems
  }
  return []
}
