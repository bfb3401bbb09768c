import process from 'node:process'
import { cruise, type IViolation } from 'dependency-cruiser'
import { ROOM_RULES } from './rules.ts'

const ROOMS = ['authz', 'bench', 'consent-ui', 'core', 'envoy', 'proto', 'deploy', 'test']

/** Checks the import rules over the whole project; a run that saw no files has failed. */
async function check(): Promise<string[]> {
  const { output } = await cruise(ROOMS, {
    ruleSet: { forbidden: ROOM_RULES },
    validate: true,
    tsPreCompilationDeps: 'specify',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node'] },
  })
  if (typeof output === 'string') return [output]
  if (output.summary.totalCruised === 0)
    return ['no file was read: is the TypeScript version still supported?']
  console.log(`rooms: ${output.summary.totalCruised} files and packages`)
  return output.summary.violations.map(describe)
}

function describe({ rule, from, to }: IViolation): string {
  return `${rule.name}: ${from} → ${to}`
}

const problems = await check()
for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
