import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import type { Environment } from '../../core/config/environment.ts'

export interface Command {
  /** The first line is its usage. */
  readonly help: string
  readonly run: (args: readonly string[], environment: Environment) => Promise<Output>
}

export interface Output {
  readonly text: string
  /** For standard error: what a script that reads the output does not want in it. */
  readonly aside?: string
  /** 0: good; 1: what was asked about is not good. */
  readonly exitCode: 0 | 1
}

/** The command cannot be run as it was written; exit code 2. */
export class UsageError extends Error {
  constructor(problem: string) {
    super(problem)
    this.name = 'UsageError'
  }
}

/** @throws UsageError, with the command's help */
export function readArguments<Options extends ParseArgsOptionsConfig>(
  help: string,
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${help}`)
  }
}
