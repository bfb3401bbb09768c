import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** Files that git tracks or has not seen yet, by their path from the root. */
export function projectFiles(...patterns: readonly string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '--', ...patterns]
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean)
}

export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

export interface Link {
  readonly text: string
  /** From the root; undefined where the link leaves the project. */
  readonly path: string | undefined
  /** In Markdown: `[text](path "title")`. */
  readonly title: string | undefined
}

export function linksIn(file: string, text = textOf(file)): Link[] {
  return [...text.matchAll(/\[([^\]]*)\]\(([^\s)]+)(?: "([^"]*)")?\)/g)].map(
    ([, label = '', target = '', title]) => {
      const isOutside = /^\w+:|^#/.test(target)
      const path = posix.join(posix.dirname(file), target.replace(/#.*/, ''))
      return { text: label, path: isOutside ? undefined : path, title }
    },
  )
}

/** The rows of every table, each a list of its cells. */
export function rowsIn(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
}
