import assert from 'node:assert/strict'
import { NEGATIVE_TESTS } from '../requirements/negative-tests.ts'
import { VULNERABILITIES } from '../requirements/vulnerabilities.ts'
import { linksIn, rowsIn, textOf } from './markdown.ts'

const PAGE = 'docs/threats.md'

describe('docs/threats.md', () => {
  it('has each vulnerability and negative test once, with the tests that show it', () => {
    const rows = rowsIn(textOf(PAGE)).filter(([first = '']) => first !== 'id' && !/^-+$/.test(first))
    const onPage = rows.map(([id = '', ...cells]): [string, readonly string[]] => {
      const links = linksIn(PAGE, cells.at(-1) ?? '')
      return [id, links.map(({ path = '' }) => path.replace(/^test\//, ''))]
    })
    assert.equal(new Set(onPage.map(([id]) => id)).size, onPage.length)
    assert.deepEqual(Object.fromEntries(onPage), { ...VULNERABILITIES, ...NEGATIVE_TESTS })
  })

  it('says in words what each of them is', () => {
    for (const [id = '', attack = ''] of rowsIn(textOf(PAGE)))
      assert.ok(/^-+$/.test(id) || attack.length > 5, id)
  })
})
