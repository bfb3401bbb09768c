import { ADA } from '../../../../deploy/demo/people.ts'
import { connectedUser, type ConnectedUser } from '../../support/connected-user.ts'
import {
  recordedStack,
  sharedStack,
  type RecordedStack,
  type RecordedStackOptions,
} from '../../support/recorded-stack.ts'
import { sharedByFiles } from '../../../support/close-after-all.ts'
import { envoyStats } from './envoy-stats.ts'
import { answeringService, type AnsweringService } from './answering-service.ts'

/** A stack with a scripted service and two connected clients of Ada's. */
export interface AccessStack extends RecordedStack {
  readonly answering: AnsweringService
  readonly reader: ConnectedUser
  readonly writer: ConnectedUser
  /** One counter of Envoy's, 0 where it has not counted yet. */
  stat(name: string): Promise<number>
}

const onSharedStack = sharedByFiles(() => {
  const answering = answeringService()
  return withUsers(() => sharedStack(answering.listener), answering)
})

/** Shared by tests that do not change it. */
export async function sharedAccessStack(): Promise<AccessStack> {
  const stack = await onSharedStack()
  stack.service.serve(stack.answering.listener)
  return stack
}

export async function accessStack(options: RecordedStackOptions = {}): Promise<AccessStack> {
  const answering = answeringService()
  return await withUsers(() => recordedStack({ ...options, service: answering.listener }), answering)
}

async function withUsers(
  start: () => Promise<RecordedStack>,
  answering: AnsweringService,
): Promise<AccessStack> {
  const stack = await start()
  const reader = await connectedUser(stack, ADA, 'Read only')
  const writer = await connectedUser(stack, ADA, 'Read and change')
  const stat = async (name: string): Promise<number> => (await envoyStats(stack, name)).get(name) ?? 0
  return { ...stack, answering, reader, writer, stat }
}
