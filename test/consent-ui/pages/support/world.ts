import { decodeJwt } from 'jose'
import { reportUse } from '../../../../core/sessions/session-details.ts'
import { GRACE } from '../../../../deploy/demo/people.ts'
import { FILES, PLATFORM } from '../../../support/services.ts'
import { startValkey } from '../../../support/store/valkey.ts'
import { NAMED_CLIENTS, namedClient } from '../../consent/support.ts'
import { startConnect, type Connect } from '../../support/connect.ts'
import { CODE_ALONE } from '../../support/pasted-code.ts'
import { codeFor, tokensFor } from '../../support/person.ts'

const HEADERS = {
  'user-agent': 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7; rv:140.0) Gecko/20100101 Firefox/140.0',
  'x-envoy-external-address': '203.0.113.7',
}

const LONG_NAME = 'Benchling‑Laboratory‑Notebook‑Connector‑for‑Quilt‑Production'

/** consent-ui where Ada has connections of every kind and Grace has none. */
export interface World {
  readonly connect: Connect
  /** Where users sign in with a pasted code. */
  readonly codes: Connect
  /** The id of a session of Ada's. */
  readonly session: string
}

export async function startWorld(): Promise<World> {
  const valkey = await startValkey()
  const settings = { CONNECT_CLIENTS: NAMED_CLIENTS }
  const connect = await startConnect({ valkey, settings, services: [PLATFORM, FILES] })
  const session = await connectApplications(connect)
  return { connect, codes: await startConnect({ valkey, settings: CODE_ALONE }), session }
}

/** @returns the id of one session */
async function connectApplications(connect: Connect): Promise<string> {
  const claudeCode = await connect.client()
  const tokens = await tokensFor(connect, claudeCode, { headers: HEADERS })
  await codeFor(connect, namedClient(connect), { person: GRACE })
  await tokensFor(connect, namedClient(connect), { headers: HEADERS, choices: { access: 'read' } })
  await tokensFor(connect, await connect.client('https://eln.benchling.com/callback', LONG_NAME))
  const ended = await tokensFor(connect, claudeCode, { headers: HEADERS })
  await claudeCode.revoke(ended.refresh_token)
  const id = String(decodeJwt(tokens.access_token).sid)
  await reportUse(connect.redis, id, { at: connect.now(), tools: ['package_browse', 'search_packages'] })
  await connect.redis.hset(`connect:{${id}}:session`, 'contested_at', connect.now())
  return id
}
