import { globSync } from 'node:fs'
import process from 'node:process'
import { inGroups } from './groups.ts'
import { runGroups } from './run-groups.ts'

/** As many as the tests were made for: each group starts stacks of several processes. */
const AT_ONCE = 2

process.exitCode = await runGroups(inGroups(globSync('test/**/*.test.ts')), AT_ONCE, process.argv.slice(2))
