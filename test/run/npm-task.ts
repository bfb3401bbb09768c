import { runProcess } from './run-process.ts'
import { failed } from './run-tasks.ts'
import type { Outcome, Task } from './task.ts'

/** A script of package.json that checks or prepares something, and counts no tests. */
export function npmTask(script: string): Task {
  return { name: script, run: async (write) => await runScript(script, write) }
}

async function runScript(script: string, write: (text: string) => void): Promise<Outcome> {
  const printed: string[] = []
  const status = await runProcess('npm', ['run', '-s', script], (text) => {
    printed.push(text)
    write(text)
  })
  if (status === 'exit status 0') return { passed: 0, failures: [], secondsOfFiles: {}, isGood: true }
  return failed(`npm run ${script}`, `${status}\n${printed.join('')}`)
}
