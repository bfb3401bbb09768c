import assert from 'node:assert/strict'
import { fetchHadolint } from './support/hadolint.ts'
import { run } from '../support/run.ts'

describe('deploy/images/Dockerfile', () => {
  it('has no finding of hadolint', async () => {
    assert.equal(await run(await fetchHadolint(), ['deploy/images/Dockerfile']), '')
  })
})
