import { join } from 'node:path'
import process from 'node:process'
import { ESLint } from 'eslint'
import ts from 'typescript'

const ROOT = join(import.meta.dirname, '../..')
/** Code for Node, and scripts of the pages for browsers. */
const PROJECTS = [
  'tsconfig.json',
  'consent-ui/pages/scripts/tsconfig.json',
  'deploy/demo/catalog/scripts/tsconfig.json',
  'test/browsers/support/scripts/tsconfig.json',
]
/** ESLint reads these with TypeScript's programs; the others, at the root, it reads without types. */
const FILES = ['**/*.ts', '*/**/*.js']

/** `npm run check:code`: types and lint of the whole project, with the same programs for both. @returns every problem */
async function check(): Promise<string> {
  const programs = PROJECTS.map(createProgram)
  const types = programs.map(typeProblems).join('')
  const eslint = new ESLint({
    cwd: ROOT,
    overrideConfig: {
      files: FILES,
      languageOptions: { parserOptions: { programs, projectService: false } },
    },
  })
  const results = await eslint.lintFiles('.')
  const formatter = await eslint.loadFormatter('stylish')
  return `${types}${await formatter.format(results)}`
}

function createProgram(project: string): ts.Program {
  const config = ts.getParsedCommandLineOfConfigFile(join(ROOT, project), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'))
    },
  })
  if (config === undefined || config.fileNames.length === 0) throw new Error(`${project} names no file`)
  return ts.createProgram({
    rootNames: config.fileNames,
    options: config.options,
    configFileParsingDiagnostics: config.errors,
  })
}

function typeProblems(program: ts.Program): string {
  return ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => ROOT,
    getNewLine: () => '\n',
  })
}

const problems = await check()
process.stderr.write(problems)
process.exitCode = problems === '' ? 0 : 1
