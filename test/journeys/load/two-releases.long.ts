import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll } from '../../support/before-all.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { startScaledOut, type OpenedSession } from '../support/scaled-out.ts'

/** The last commit whose records have no version. */
const RELEASE_BEFORE = 'c71a38110d9b92f89eca30ebbc6ea3b63967f9d9'
const ROOT = join(import.meta.dirname, '../../..')
const [OURS, BEFORE] = [0, 1]

/** The source tree of a commit, with our packages. */
async function sourceOf(commit: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-release-'))
  closeAfterAll(() => rm(folder, { recursive: true, force: true }))
  const archive = join(folder, 'source.tar')
  await promisify(execFile)('git', ['archive', '--output', archive, commit], { cwd: ROOT })
  await promisify(execFile)('tar', ['-xf', archive, '-C', folder])
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

describe('This release and the one before, side by side over one Redis', function () {
  this.timeout(120_000)

  const scaled = beforeAll(async () => {
    const [{ url }, before] = await Promise.all([startValkey(), sourceOf(RELEASE_BEFORE)])
    return await startScaledOut(
      { mode: 'single', urls: [url] },
      { authzCount: 2, consentUiCount: 2, rootOf: (index) => (index === OURS ? ROOT : before) },
    )
  })

  const askBoth = ({ accessToken }: OpenedSession): Promise<number[]> =>
    Promise.all([OURS, BEFORE].map((authz) => scaled.ask(authz, accessToken)))

  it('both allow a session, and refresh its tokens in turn', async () => {
    const session = await scaled.open()
    assert.deepEqual(await askBoth(session), [200, 200])
    for (const consentUi of [OURS, BEFORE, BEFORE, OURS, OURS, BEFORE]) {
      assert.equal(await scaled.refresh(consentUi, session), 200)
      assert.deepEqual(await askBoth(session), [200, 200])
    }
  })

  for (const [name, consentUi] of Object.entries({ 'this release': OURS, 'the release before': BEFORE })) {
    it(`both refuse a session that ${name} revoked, on the next request`, async () => {
      const session = await scaled.open()
      assert.deepEqual(await askBoth(session), [200, 200])
      assert.equal(await scaled.revoke(consentUi, session), 200)
      assert.deepEqual(await askBoth(session), [401, 401])
      for (const other of [OURS, BEFORE]) assert.equal(await scaled.refresh(other, session), 400)
    })
  }
})
