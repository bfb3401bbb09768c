import type { SessionSource } from '../../../authz/sessions/session-cache.ts'
import type { Session } from '../../../core/sessions/session.ts'

/** A store whose reads are answered when the test says so. */
export class HeldUpStore implements SessionSource {
  readonly reads: PromiseWithResolvers<Session | undefined>[] = []

  find(): Promise<Session | undefined> {
    const read = Promise.withResolvers<Session | undefined>()
    this.reads.push(read)
    return read.promise
  }

  nodeOf(id: string): string {
    return id === 'elsewhere' ? 'another part' : 'a part'
  }
}
