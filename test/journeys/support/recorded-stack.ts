import type { RequestListener } from 'node:http'
import { createLog } from '../../../core/log/log.ts'
import { createPlatformMcp } from '../../../deploy/demo/platform-mcp/server.ts'
import { freeStackPorts, type Ports } from '../../../deploy/local/context/ports.ts'
import { startStack, type Stack, type StackOptions } from '../../../deploy/local/stack.ts'
import { closeAfterAll, sharedByFiles } from '../../support/close-after-all.ts'
import { OtlpReceiver } from '../../support/otlp/otlp-receiver.ts'
import { MailReceiver } from '../../consent-ui/notices/support.ts'
import { startDemoServers } from './services/demo-servers.ts'
import { recordService, type RecordedService } from './services/recorded-service.ts'

/** The whole stack as `npm start` runs it, on free ports, with a recorder before its service. */
export interface RecordedStack extends Stack {
  readonly service: RecordedService
  /** What its processes wrote, each line with the part's name in front. */
  readonly lines: readonly string[]
}

const shared = sharedByFiles(() => recordedStack({ demoProcesses: true }))

/**
 * Shared by files that do not change it, except for its service.
 *
 * @param service - answers until another file takes the stack; by default the demo's Platform MCP server
 */
export async function sharedStack(service?: RequestListener): Promise<RecordedStack> {
  const stack = await shared()
  stack.service.serve(service ?? platformMcp(stack.context.ports))
  return stack
}

/** Shared likewise: logs at debug level, API keys, spans that go to a receiver, and notices by mail. */
export const sharedTracedStack = sharedByFiles(async () => {
  const receiver = await OtlpReceiver.start()
  const { endpoint: tracesEndpoint } = receiver
  const mailbox = new MailReceiver()
  const notices = { NOTICE_SMTP_URL: await mailbox.start(), NOTICE_FROM: 'quilt@example.com' }
  const changes = { authz: { API_KEYS: 'full' }, 'consent-ui': notices }
  return { ...(await recordedStack({ logLevel: 'debug', tracesEndpoint, changes })), receiver, mailbox }
})

/** Shared likewise: access tokens end after three seconds. */
export const sharedStackOfShortTokens = sharedByFiles(() =>
  recordedStack({ changes: { 'consent-ui': { ACCESS_TOKEN_SECONDS: '3' } } }),
)

export interface RecordedStackOptions {
  /** Variables of single parts that shall be other than usual. */
  readonly changes?: NonNullable<StackOptions['changes']>
  /** In place of the demo's Platform MCP server. */
  readonly service?: RequestListener
  readonly source?: NonNullable<StackOptions['source']>
  readonly keptFolder?: string
  readonly logLevel?: string
  readonly tracesEndpoint?: URL
  readonly changeEnvoyConfig?: NonNullable<StackOptions['changeEnvoyConfig']>
  /** Runs the demo's servers as processes, which a test can kill or pause. */
  readonly demoProcesses?: boolean
}

export async function recordedStack(options: RecordedStackOptions = {}): Promise<RecordedStack> {
  const { demoProcesses = false, ...others } = options
  const ports = await freeStackPorts()
  const service = await recordService(options.service ?? platformMcp(ports), '/mcp')
  const lines: string[] = []
  const write: StackOptions['write'] = (from, line) => void lines.push(`${from} ${line}`)
  const { changes = {} } = options
  const stack = await startStack({
    ...others,
    ...(demoProcesses ? {} : { startDemo: (context) => startDemoServers(context, { changes, write }) }),
    ports,
    service: new URL(service.url),
    write,
  })
  closeAfterAll(() => end(stack))
  return { ...stack, service, lines }
}

/** Another task of a running stack: Envoy, authz and consent-ui, with its store, service and demo. */
export async function secondTask(
  first: RecordedStack,
  options: Pick<RecordedStackOptions, 'changes' | 'changeEnvoyConfig'> = {},
): Promise<Omit<RecordedStack, 'service'>> {
  const lines: string[] = []
  const stack = await startStack({
    ...options,
    sharesStoreWith: first,
    ports: await freeStackPorts(),
    service: new URL(first.service.url),
    write: (from, line) => void lines.push(`${from} ${line}`),
  })
  closeAfterAll(() => stack.stop())
  return { ...stack, lines }
}

/** All processes at once: stopping them in order takes half a second. */
async function end(stack: Stack): Promise<void> {
  await Promise.all(stack.processes.map((each) => each.kill()))
  await stack.stop()
}

function platformMcp(ports: Ports): RequestListener {
  const registryUrl = new URL(`http://localhost:${ports.registry}`)
  return createPlatformMcp({ registryUrl, log: createLog('platform-mcp', 'silent') })
}
