import { globSync } from 'node:fs'
import process from 'node:process'
import { inGroups } from './groups.ts'
import { npmTask } from './npm-task.ts'
import { groupTask } from './run-group.ts'
import { runTasks } from './run-tasks.ts'

/** As many as there are cores: with more, tests of time limits fail. */
const AT_ONCE = 2
const CHECKS = ['check:code', 'check:rooms', 'check:format', 'check:dead']

/** `npm test`: the checks, while the tools are fetched that the tests need, and the tests. */
const tools = npmTask('tools')
const groups = inGroups(globSync('test/**/*.test.ts'))
const tests = groups.map((group) => ({ ...groupTask(group, process.argv.slice(2)), after: tools }))
process.exitCode = await runTasks([tools, ...CHECKS.map(npmTask), ...tests], AT_ONCE)
