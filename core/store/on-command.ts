import { tracingChannel } from 'node:diagnostics_channel'

/** The context of ioredis' channel; `args` may hold secrets, and `error` is there after a failure. */
interface CommandContext {
  readonly command: string
  readonly error?: unknown
}

type CommandEnded = (failed: boolean) => void

/**
 * Observes each command that this process sends to Redis (ioredis README, "Diagnostics Channel"). Without a connection,
 * commands fail unsent.
 *
 * @param sent - called in the async context of the caller; returns what is called at the end
 * @returns a function that stops it
 */
export function onCommand(sent: (command: string) => CommandEnded): () => void {
  const running = new WeakMap<object, CommandEnded>()
  const { start, asyncEnd } = tracingChannel<unknown, CommandContext>('ioredis:command')
  const begin = (context: CommandContext): void => void running.set(context, sent(context.command))
  const end = (context: CommandContext): void => running.get(context)?.('error' in context)
  start.subscribe(begin as (context: unknown) => void)
  asyncEnd.subscribe(end as (context: unknown) => void)
  return () => {
    start.unsubscribe(begin as (context: unknown) => void)
    asyncEnd.unsubscribe(end as (context: unknown) => void)
  }
}
