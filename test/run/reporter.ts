import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import process from 'node:process'
import Mocha from 'mocha'
import type { Failure, Summary } from './summary.ts'

const { EVENT_RUN_END, EVENT_SUITE_BEGIN, EVENT_SUITE_END, EVENT_TEST_FAIL, EVENT_TEST_PASS } =
  Mocha.Runner.constants

/** Mocha's spec reporter. It also writes a Summary to the file named by `--reporter-option summary=FILE`. */
export default class SpecWithSummary extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    const file = (options.reporterOptions as { readonly summary: string }).summary
    const failures: Failure[] = []
    const secondsOfFiles: Record<string, number> = {}
    let passed = 0
    let beganAt = 0

    runner.on(EVENT_TEST_PASS, () => {
      passed++
    })
    runner.on(EVENT_TEST_FAIL, (test, error: Error) => {
      failures.push({ file: pathOf(test), title: test.fullTitle(), error: error.stack ?? error.message })
    })
    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (suite.parent?.root === true) beganAt = performance.now()
    })
    runner.on(EVENT_SUITE_END, (suite) => {
      if (suite.parent?.root !== true) return
      const path = pathOf(suite)
      secondsOfFiles[path] = (secondsOfFiles[path] ?? 0) + (performance.now() - beganAt) / 1000
    })
    runner.once(EVENT_RUN_END, () => {
      writeFileSync(file, JSON.stringify({ passed, failures, secondsOfFiles } satisfies Summary))
    })
  }
}

function pathOf({ file }: { readonly file?: string | undefined }): string {
  return file === undefined ? 'set-up of all files' : relative(process.cwd(), file)
}
