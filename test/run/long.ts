import { globSync } from 'node:fs'
import process from 'node:process'
import { groupTask } from './run-group.ts'
import { runTasks } from './run-tasks.ts'

/** What is long by nature: load, a day of use, soaks. One file at a time, alone, as they measure the machine. */
const tasks = globSync('test/**/*.long.ts')
  .sort()
  .map((file) => groupTask({ name: file, files: [file] }, process.argv.slice(2)))
process.exitCode = await runTasks(tasks, 1)
