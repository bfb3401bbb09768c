import type { Store } from './redis.ts'

/** What is known of copies of the store once something in it has changed. */
export type Replication =
  /** A replica has it too: should it take over, the change stays. */
  | 'replicated'
  /** No replica said so in time: should one take over now, the change may be undone. */
  | 'not_replicated'
  /** There is no replica. */
  | 'no_replica'

/** A replica that follows answers within a millisecond or two; other commands of the connection wait meanwhile. */
const REPLICA_WAIT_MS = 200

/**
 * Runs a script on one key, then waits for a replica, where there is one, for {@link REPLICA_WAIT_MS} at most.
 *
 * @returns what the script returned
 */
export async function evalReplicated(
  redis: Store,
  script: string,
  { key, args }: { readonly key: string; readonly args: readonly string[] },
): Promise<{ result: unknown; replication: Replication }> {
  const command = [script, 1, key, ...args] as const
  if (!(await mayHaveReplica(redis, key))) {
    return { result: await redis.eval(...command), replication: 'no_replica' }
  }
  // WAIT is about what its own connection has written, so both go the same way: a pipeline stays at the node
  // that its first key leads to.
  const pipeline = redis.pipeline().eval(...command)
  const [ran, replicas] = (await pipeline.wait(1, REPLICA_WAIT_MS).exec()) ?? []
  if (isElsewhere(ran)) return { result: await redis.eval(...command), replication: 'not_replicated' }
  return { result: ran?.[1], replication: Number(replicas?.[1]) > 0 ? 'replicated' : 'not_replicated' }
}

/** False where the master of a key says that nobody follows it. */
async function mayHaveReplica(redis: Store, key: string): Promise<boolean> {
  const [exists, info] = (await redis.pipeline().exists(key).info('replication').exec()) ?? []
  return isElsewhere(exists) || !/^connected_slaves:0\r?$/m.test(String(info?.[1]))
}

/**
 * Whether a command of a pipeline was sent to a node that no longer has its key: a pipeline does not follow, as
 * a command by itself does.
 *
 * @throws what else became of it
 */
function isElsewhere([error]: [Error | null, unknown?] = [null]): boolean {
  if (error === null) return false
  if (/^(MOVED|ASK) /.test(error.message)) return true
  throw error
}
