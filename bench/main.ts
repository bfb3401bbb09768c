import process from 'node:process'
import { TooManyCalls, WrongAnswers } from './measure.ts'
import { readPlan } from './plan.ts'
import { run } from './run.ts'

const write = (line: string): void => void process.stdout.write(`${line}\n`)

try {
  write(await run(readPlan(process.argv.slice(2)), (line) => void process.stderr.write(`bench: ${line}\n`)))
} catch (error) {
  const isPlain = error instanceof WrongAnswers || error instanceof TooManyCalls || error instanceof TypeError
  process.stderr.write(`${isPlain ? error.message : ((error as Error).stack ?? '')}\n`)
  process.exitCode = 1
}
