import assert from 'node:assert/strict'
import { projectFiles, textOf } from './markdown.ts'

/** Words that hide who does what: the party is named instead. In parts, so that this file passes. */
const WORDS = [
  'who' + 'ever',
  'no' + 'body',
  'some' + 'body',
  'that is n' + 'one',
  'is n' + 'one',
  'for so l' + 'ong',
]
const PHRASES = [...WORDS, 'what is w' + 'hat', 'of no acc' + 'ount']
const HAS_PHRASE = new RegExp(`\\b(${PHRASES.join('|')})\\b`, 'i')
/** Bounds are MAX_… and MIN_…; a failure of our own is "unavailable". */
const NAMES = /\b([A-Z0-9]+_)*(LONGEST|LARGEST|MOST|LEAST)_[A-Z0-9_]+\b|\b\w*Trou[b]le\w*/

describe('The words of this project', () => {
  const files = projectFiles('*.ts', '*.js', '*.md', '*.yaml', '*.css')

  it('name the party that acts', () => {
    assert.deepEqual(linesWith(files, HAS_PHRASE), [])
  })

  it('call a bound max or min, and a failure unavailable', () => {
    assert.deepEqual(
      linesWith(
        files.filter((file) => file.endsWith('.ts')),
        NAMES,
      ),
      [],
    )
  })
})

function linesWith(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    textOf(file)
      .split('\n')
      .flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
  )
}
