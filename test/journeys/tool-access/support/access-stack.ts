import { ADA } from '../../../../deploy/demo/people.ts'
import { connectedUser, type ConnectedUser } from '../../support/connected-user.ts'
import { recordedStack, type RecordedStack, type RecordedStackOptions } from '../../support/recorded-stack.ts'
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

/** Shared by tests that do not change it. */
export const sharedAccessStack = sharedByFiles(() => accessStack())

export async function accessStack(options: RecordedStackOptions = {}): Promise<AccessStack> {
  const answering = answeringService()
  const stack = await recordedStack({ ...options, service: answering.listener })
  const reader = await connectedUser(stack, ADA, 'Read only')
  const writer = await connectedUser(stack, ADA, 'Read and change')
  const stat = async (name: string): Promise<number> => (await envoyStats(stack, name)).get(name) ?? 0
  return { ...stack, answering, reader, writer, stat }
}
