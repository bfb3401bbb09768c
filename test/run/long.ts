import { globSync } from 'node:fs'
import process from 'node:process'
import { runGroups } from './run-groups.ts'

/** What is long by nature: load, a day of use, soaks. One file at a time, alone, as they measure the machine. */
const groups = globSync('test/**/*.long.ts')
  .sort()
  .map((file) => ({ name: file, files: [file] }))
process.exitCode = await runGroups(groups, 1, process.argv.slice(2))
