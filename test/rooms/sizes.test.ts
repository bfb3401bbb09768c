import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { posix } from 'node:path'

const HOUSES = ['authz', 'consent-ui', 'core', 'deploy', 'envoy']
const ROOTS = [...HOUSES, 'bench', 'proto', 'test']
const MAX_LOOSE_FILES = 4
const MAX_FILES_IN_A_LEAF = 25

const FILES = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', ...ROOTS],
  {
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter(Boolean)
const BY_FOLDER = Map.groupBy(FILES, (file) => posix.dirname(file))
const PARENTS = new Set([...BY_FOLDER.keys()].map((folder) => posix.dirname(folder)))

describe('Rooms', () => {
  for (const house of HOUSES) {
    it(`${house} has at most ${MAX_LOOSE_FILES} files beside its rooms`, () => {
      assert.ok((BY_FOLDER.get(house) ?? []).length <= MAX_LOOSE_FILES)
    })
  }

  it(`without rooms inside have at most ${MAX_FILES_IN_A_LEAF} files`, () => {
    const leaves = [...BY_FOLDER].filter(([folder]) => !PARENTS.has(folder))
    const large = leaves.filter(([, files]) => files.length > MAX_FILES_IN_A_LEAF)
    assert.deepEqual(
      large.map(([folder, files]) => `${folder}: ${files.length} files`),
      [],
    )
  })
})
