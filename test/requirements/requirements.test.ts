import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NEGATIVE_TEST_IDS, VULNERABILITY_IDS } from './ids.ts'
import { NEGATIVE_TESTS } from './negative-tests.ts'
import { VULNERABILITIES } from './vulnerabilities.ts'

type Table = Readonly<Record<string, readonly string[]>>

/** A title begins with one id, or with several of one part: `negative test, part: one, another: …`. */
const isVulnerability = (title: string, id: string): boolean => title.startsWith(`${id}: `)
const isNegativeTest = (title: string, id: string): boolean => {
  const [part = '', name = ''] = id.split(/: (.*)/s)
  const prefix = `negative test, ${part}: `
  if (!title.startsWith(prefix)) return false
  const rest = title.slice(prefix.length)
  return rest.startsWith(name) || (rest.split(': ')[0] ?? '').split(', ').includes(name)
}

const TABLES: Readonly<
  Record<string, { ids: readonly string[]; table: Table; isNamedBy: (title: string, id: string) => boolean }>
> = {
  'The past vulnerabilities': { ids: VULNERABILITY_IDS, table: VULNERABILITIES, isNamedBy: isVulnerability },
  'The negative tests': { ids: NEGATIVE_TEST_IDS, table: NEGATIVE_TESTS, isNamedBy: isNegativeTest },
}

for (const [what, { ids, table, isNamedBy }] of Object.entries(TABLES)) {
  describe(what, () => {
    it('are all in the table, and nothing else is', () => {
      assert.deepEqual(Object.keys(table).sort(), [...ids].sort())
    })

    it('each have a test that is named by it', () => {
      for (const [id, files] of Object.entries(table)) {
        assert.ok(files.length > 0, id)
        for (const file of files) {
          assert.ok(
            titlesOf(file).some((title) => isNamedBy(title, id)),
            `${file} has no test named ${id}`,
          )
        }
      }
    })
  })
}

/** Every string of a test file that could be a title. */
function titlesOf(file: string): string[] {
  const text = readFileSync(join(import.meta.dirname, '..', file), 'utf8')
  return [...text.matchAll(/(['"`])((?:negative test, |[ABCEGHJMNT]\d\db?: )(?:(?!\1)[^\n])*)\1/g)].map(
    ([, , title = '']) => title,
  )
}
