import type { Store } from './redis.ts'

export type Replication =
  /** After a failover the change stays. */
  | 'replicated'
  /** No replica confirmed it in time: a failover now may undo the change. */
  | 'not_replicated'
  | 'no_replica'

/** A healthy replica answers in 2 ms; other commands of the connection wait meanwhile. */
const REPLICA_WAIT_MS = 200

/** Runs a script on one key, then waits for a replica, if there is one. */
export async function evalReplicated(
  redis: Store,
  script: string,
  { key, args }: { readonly key: string; readonly args: readonly string[] },
): Promise<{ result: unknown; replication: Replication }> {
  const command = [script, 1, key, ...args] as const
  if (!(await mayHaveReplica(redis, key))) {
    return { result: await redis.eval(...command), replication: 'no_replica' }
  }
  // WAIT covers the writes of its own connection only. A pipeline stays on the node of its first key.
  const pipeline = redis.pipeline().eval(...command)
  const [ran, replicas] = (await pipeline.wait(1, REPLICA_WAIT_MS).exec()) ?? []
  if (isRedirected(ran)) return { result: await redis.eval(...command), replication: 'not_replicated' }
  return { result: ran?.[1], replication: Number(replicas?.[1]) > 0 ? 'replicated' : 'not_replicated' }
}

/** False when the master of a key has no replica. */
async function mayHaveReplica(redis: Store, key: string): Promise<boolean> {
  const [exists, info] = (await redis.pipeline().exists(key).info('replication').exec()) ?? []
  return isRedirected(exists) || !/^connected_slaves:0\r?$/m.test(String(info?.[1]))
}

/**
 * True when the node no longer has the key: a pipeline follows no redirection, but a single command does.
 *
 * @throws any other error of the command
 */
function isRedirected([error]: [Error | null, unknown?] = [null]): boolean {
  if (error === null) return false
  if (/^(MOVED|ASK) /.test(error.message)) return true
  throw error
}
