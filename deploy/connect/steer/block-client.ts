import {
  BLOCK_ENTRY,
  fingerprintOf,
  isBlockEntry,
  normalBlockEntry,
} from '../../../core/clients/blocked-clients.ts'
import type { Environment } from '../../../core/config/environment.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import { announce, changeOutput } from './announce.ts'
import { requireClient } from './choose-sessions.ts'
import { CHANGE_HELP, CHANGE_OPTIONS, ENVIRONMENT_HELP, withSteering, type Steering } from './steering.ts'

const ENTRY_HELP = `CLIENT     a fingerprint, a host, .subdomains or scheme:// as in CONNECT_BLOCKED_CLIENTS; or the name or id of a
               client with a live session`

const BLOCK_HELP = `block-client CLIENT [--by NAME] [--json]
    refuses a client at once: new approvals, tokens, and requests of its live sessions (401). Its sessions stay, and work
    again after unblock-client; end them with revoke --client. It is kept in Redis: to keep it if Redis is lost, add the
    printed entry to CONNECT_BLOCKED_CLIENTS. ${ENVIRONMENT_HELP}
    ${ENTRY_HELP}
    ${CHANGE_HELP}
    exit code  0: done; 1: not every process acknowledged; 2: the command could not be run`

const UNBLOCK_HELP = `unblock-client ENTRY [--by NAME] [--json]
    takes a block-client back. ENTRY is as block-client printed it; controls lists them. It does not change
    CONNECT_BLOCKED_CLIENTS. ${ENVIRONMENT_HELP}
    ${CHANGE_HELP}
    exit code  0: done; 1: there was no such block, or not every process acknowledged; 2: the command could not be run`

export const blockClient: Command = { help: BLOCK_HELP, run: block }
export const unblockClient: Command = { help: UNBLOCK_HELP, run: unblock }

async function block(args: readonly string[], environment: Environment): Promise<Output> {
  const { client, by, json } = readClient(BLOCK_HELP, args)
  return await withSteering(environment, by, async (steering) => {
    const entry = await entryOf(steering, client)
    const { controls, now } = steering
    const change = await announce(steering, {
      what: 'client blocked',
      action: 'block_client',
      details: { client: entry },
      make: (name) => controls.blockClient(entry, { by: steering.by, at: now(), change: name }),
    })
    const done = change.outcome === 'unchanged' ? `${entry} was blocked already.` : `${entry} is blocked.`
    return changeOutput(change, { done, json, details: { entry } })
  })
}

async function unblock(args: readonly string[], environment: Environment): Promise<Output> {
  const { client, by, json } = readClient(UNBLOCK_HELP, args)
  return await withSteering(environment, by, async (steering) => {
    const entry = normalBlockEntry(client)
    const problem = `${entry} is not blocked in Redis; list the blocks with npm run -s connect -- controls`
    const change = await announce(steering, {
      what: 'client unblocked',
      action: 'unblock_client',
      details: { client: entry },
      make: (name) => steering.controls.unblockClient(entry, { change: name }),
      unchanged: () => Promise.resolve(new UsageError(problem)),
    })
    return changeOutput(change, {
      done: `${entry} is not blocked in Redis any more.`,
      json,
      details: { entry },
    })
  })
}

function readClient(help: string, args: readonly string[]) {
  const { values, positionals } = readArguments(help, args, CHANGE_OPTIONS)
  const [client, ...others] = positionals
  if (client === undefined || others.length > 0) throw new UsageError(`name one client\n\n${help}`)
  return { client, ...values }
}

/** A single word may be a host as well as a name: only what cannot be a name is taken for an entry. */
async function entryOf({ connections }: Steering, client: string): Promise<string> {
  const entry = normalBlockEntry(client)
  if (isBlockEntry(entry) && /^[0-9a-f]{16}$|[.:]/.test(entry)) return entry
  if (/^https:\/\//i.test(client)) return fingerprintOf(client)
  if (client.includes(',')) throw new UsageError(`"${client}" must be ${BLOCK_ENTRY}, one at a time`)
  return requireClient(await connections.every(() => true), client)
}
