import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { linksIn, projectFiles, textOf } from './markdown.ts'

const ROOT = join(import.meta.dirname, '../..')
const FOLDERS = 'authz|bench|consent-ui|core|deploy|docs|envoy|proto|test'
const DOCUMENTS = projectFiles('*.md')

describe('The documents', () => {
  it('name only files and folders that exist', () => {
    for (const document of DOCUMENTS) {
      const named = [...textOf(document).matchAll(new RegExp('`((?:' + FOLDERS + ')/[\\w./-]*)`', 'g'))]
      const linked = linksIn(document).flatMap(({ path }) => path ?? [])
      for (const path of [...named.map(([, path = '']) => path), ...linked]) {
        assert.ok(existsSync(join(ROOT, path)), `${document} names ${path}`)
      }
    }
  })

  it('quote only test titles that stand in the test they link', () => {
    for (const document of DOCUMENTS) {
      for (const { path, title } of linksIn(document)) {
        if (path === undefined || title === undefined) continue
        assert.ok(textOf(path).includes(title), `${document} quotes "${title}", which is not in ${path}`)
      }
    }
  })

  it('are all reached from the README', () => {
    const reached = new Set(['README.md'])
    for (const document of reached) {
      for (const { path } of linksIn(document)) if (path?.endsWith('.md') === true) reached.add(path)
    }
    assert.deepEqual(
      DOCUMENTS.filter((document) => !reached.has(document)),
      [],
    )
  })
})
