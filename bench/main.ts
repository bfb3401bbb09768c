import process from 'node:process'
import { TooManyCalls, WrongAnswers } from './measure.ts'
import { PARTS_PLAN, readPlan, SETTINGS_PLAN } from './plan.ts'
import { run } from './run.ts'
import { runParts } from './run-parts.ts'
import { runSettings } from './run-settings.ts'

const write = (line: string): void => void process.stdout.write(`${line}\n`)
const progress = (line: string): void => void process.stderr.write(`bench: ${line}\n`)

try {
  const args = process.argv.slice(2)
  if (args[0] === '--parts') write(await runParts(PARTS_PLAN, progress))
  else if (args[0] === '--settings') write(await runSettings(SETTINGS_PLAN, progress))
  else write(await run(readPlan(args), progress))
} catch (error) {
  const isPlain = error instanceof WrongAnswers || error instanceof TooManyCalls || error instanceof TypeError
  process.stderr.write(`${isPlain ? error.message : ((error as Error).stack ?? '')}\n`)
  process.exitCode = 1
}
