import { join } from 'node:path'
import { request } from 'node:http'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'
import type { Stack } from '../../../../deploy/local/stack.ts'

/** Envoy's counters and gauges with this prefix, except those that never counted. */
export async function envoyStats(
  stack: Pick<Stack, 'context'>,
  prefix: string,
): Promise<ReadonlyMap<string, number>> {
  const socketPath = join(stack.context.folder, 'envoy-admin.sock')
  const path = `/stats?filter=${encodeURIComponent(`^${prefix.replaceAll('.', '\\.')}`)}`
  const outgoing = request({ socketPath, path, agent: false }).end()
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  const lines = (await text(response)).split('\n').filter((line) => /: \d+$/.test(line))
  return new Map(
    lines.map((line) => line.split(': ') as [string, string]).map(([name, value]) => [name, Number(value)]),
  )
}
