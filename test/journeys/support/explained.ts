import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Explanation } from '../../../deploy/connect/why/explain.ts'
import type { LogRecord } from '../../../deploy/connect/why/log-records.ts'
import { why } from '../../../deploy/connect/why/why.ts'
import { until } from '../../support/until.ts'
import type { RawAnswer } from './raw-request.ts'

type Explained = Explanation & { readonly nearby: readonly LogRecord[]; readonly text: string }

/** What `npm run connect -- why` says about an answer, from its id and the stack's log lines. */
export async function explained(
  { lines }: { readonly lines: readonly string[] },
  { headers }: Pick<RawAnswer, 'headers'>,
): Promise<Explained> {
  const id = String(headers['x-request-id'])
  const isLogged = () => lines.some((line) => line.startsWith('envoy {') && line.includes(id))
  await until(isLogged, `the access log's line of ${id}`)
  const folder = await mkdtemp(join(tmpdir(), 'connect-why-'))
  try {
    const file = join(folder, 'lines.log')
    await writeFile(file, lines.join('\n'))
    const printed = await why.run([id, '--logs', file], {})
    const { text, exitCode } = await why.run([id, '--logs', file, '--json'], {})
    assert.equal(exitCode, 0, text)
    return { ...(JSON.parse(text) as Explained), text: printed.text }
  } finally {
    await rm(folder, { recursive: true })
  }
}
