import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { connect } from 'node:net'
import { SEEN_CHARACTERS, SEEN_HEADER } from '../load/expected.ts'
import { launch, type Running, type BenchContext } from '../lab/launch.ts'

export const CALL_ANSWER = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  result: { content: [{ type: 'text', text: 'three packages' }] },
})

const READING_TOOL = {
  name: 'search_packages',
  description: 'Finds packages',
  inputSchema: { type: 'object' },
}
const CHANGING_TOOL = { ...READING_TOOL, name: 'package_delete', description: 'Deletes a package' }
const listOf = (tools: readonly object[]): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } })
const LIST_ANSWER = listOf([READING_TOOL, CHANGING_TOOL])
export const SHOWN_LIST = listOf([READING_TOOL])

/** Starts the service: an Envoy with direct responses, which takes less processor time than other servers. */
export async function startService(
  { envoy, port }: { readonly envoy: string; readonly port: number },
  context: BenchContext,
): Promise<Running> {
  const file = join(context.folder, 'service.json')
  writeFileSync(file, JSON.stringify(configOf(port)), { mode: 0o600 })
  return await launch(
    {
      name: 'service',
      command: envoy,
      args: ['-c', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'warning'],
      isReady: () => isListening(port),
    },
    context,
  )
}

const EXTENSIONS = 'type.googleapis.com/envoy.extensions.filters'

function configOf(port: number) {
  const isList = { name: 'mcp-method', string_match: { exact: 'tools/list' } }
  const routes = [
    { match: { prefix: '/', headers: [isList] }, ...answering(LIST_ANSWER) },
    { match: { prefix: '/' }, ...answering(CALL_ANSWER) },
  ]
  const manager = {
    '@type': `${EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'service',
    route_config: { virtual_hosts: [{ name: 'service', domains: ['*'], routes }] },
    http_filters: [
      // An answer before the request's end would close the connection.
      {
        name: 'buffer',
        typed_config: { '@type': `${EXTENSIONS}.http.buffer.v3.Buffer`, max_request_bytes: 65_536 },
      },
      { name: 'router', typed_config: { '@type': `${EXTENSIONS}.http.router.v3.Router` } },
    ],
  }
  const listener = {
    address: { socket_address: { address: '127.0.0.1', port_value: port } },
    filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
  }
  return { static_resources: { listeners: [listener] } }
}

function answering(body: string) {
  const seen = { key: SEEN_HEADER, value: `%REQ(authorization):${SEEN_CHARACTERS}%` }
  return {
    direct_response: { status: 200, body: { inline_string: body } },
    response_headers_to_add: [
      { header: seen },
      {
        header: { key: 'content-type', value: 'application/json' },
        append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
      },
    ],
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } finally {
    socket.destroy()
  }
}
