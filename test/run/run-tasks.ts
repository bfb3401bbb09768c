import process from 'node:process'
import type { Outcome, Task } from './task.ts'

const SLOWEST_FILES_SHOWN = 10

/**
 * Runs tasks in their order, a few at a time, and sums up: the slowest test files, the counts and, last, each failure.
 * A task's output follows when the task has ended.
 *
 * @returns the exit status
 */
export async function runTasks(
  tasks: readonly Task[],
  atOnce: number,
  print = (text: string): void => void process.stdout.write(text),
): Promise<0 | 1> {
  const beganAt = performance.now()
  const waiting = [...tasks]
  const running = new Set<Promise<void>>()
  const outcomes = new Map<Task, Outcome>()

  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.findIndex(({ after }) => after === undefined || outcomes.has(after))
    if (next === -1 || running.size === atOnce) {
      await Promise.race(running)
      continue
    }
    for (const task of waiting.splice(next, 1)) {
      const run = runOne(task).finally(() => running.delete(run))
      running.add(run)
    }
  }
  print(summaryText([...outcomes.values()], seconds()))
  return [...outcomes.values()].every((outcome) => outcome.isGood) ? 0 : 1

  async function runOne(task: Task): Promise<void> {
    if (task.after !== undefined && outcomes.get(task.after)?.isGood !== true) {
      outcomes.set(task, failed(task.name, `did not run, because "${task.after.name}" failed`))
      return
    }
    print(`${task.name}: begins after ${seconds()}s\n`)
    const printed: string[] = []
    outcomes.set(task, await task.run((text) => void printed.push(text)))
    print(`${printed.join('')}\n${task.name}: ended after ${seconds()}s\n`)
  }

  function seconds(): number {
    return Math.round((performance.now() - beganAt) / 1000)
  }
}

/** A task without any test that failed as a whole. */
export function failed(name: string, error: string): Outcome {
  return { passed: 0, failures: [{ file: name, title: '', error }], secondsOfFiles: {}, isGood: false }
}

/** The failures come last, in full: a log that is cut at its start still holds them. */
export function summaryText(outcomes: readonly Outcome[], seconds: number): string {
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
  const failures = outcomes.flatMap((outcome) => outcome.failures)
  const slowest = outcomes
    .flatMap((outcome) => Object.entries(outcome.secondsOfFiles))
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, SLOWEST_FILES_SHOWN)
  return [
    '\nThe slowest files:\n',
    ...slowest.map(([file, time]) => `  ${time.toFixed(1).padStart(5)} s  ${file}`),
    `\nAll together:\n\n  ${passed} passing (${seconds}s)`,
    ...(failures.length > 0 ? [`  ${failures.length} failing`] : []),
    ...failures.map(({ file, title, error }) => `\nfailed: ${file}\n  ${title}\n${error}`),
    `\n${passed} passed, ${failures.length} failed\n`,
  ].join('\n')
}
