import { ADA } from '../../../../deploy/demo/people.ts'
import { connectedUser, type ConnectedUser } from '../../support/connected-user.ts'
import { recordedStack, type RecordedStack, type RecordedStackOptions } from '../../support/recorded-stack.ts'
import { envoyStats } from './envoy-stats.ts'
import { answeringService, type AnsweringService } from './answering-service.ts'

/** A stack whose service answers as a test says, and two applications of Ada's that are connected to it. */
export interface AccessStack extends RecordedStack {
  readonly answering: AnsweringService
  /** May only read. */
  readonly reader: ConnectedUser
  /** May change things. */
  readonly writer: ConnectedUser
  /** One counter of Envoy's, 0 where it has not counted yet. */
  stat(name: string): Promise<number>
}

let shared: Promise<AccessStack> | undefined

/** The one of all tests that leave it as it is. */
export async function sharedAccessStack(): Promise<AccessStack> {
  shared ??= accessStack()
  return await shared
}

/** One of its own. */
export async function accessStack(options: RecordedStackOptions = {}): Promise<AccessStack> {
  const answering = answeringService()
  const stack = await recordedStack({ ...options, service: answering.listener })
  const reader = await connectedUser(stack, ADA, 'Read only')
  const writer = await connectedUser(stack, ADA, 'Read and change')
  const stat = async (name: string): Promise<number> => (await envoyStats(stack, name)).get(name) ?? 0
  return { ...stack, answering, reader, writer, stat }
}
