import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import type { Session } from '../../../core/sessions/session.ts'
import { once } from '../../../consent-ui/admin/connections.ts'
import type { Confirmation } from '../../../consent-ui/sessions/session-ender.ts'
import { UsageError, type Output } from '../command.ts'
import { confirmationText, type Steering } from './steering.ts'

const AT_ONCE = 100
const PROGRESS_MS = 2000

export const CREDENTIALS_HELP = `Quilt credentials of ended sessions cannot be logged out at the Registry by this command: they are sealed
    under tokens that only the clients have. They stop with the session here, and expire at the Registry by themselves.`

/** Asks before something that cannot be undone. @throws UsageError if there is no terminal to ask at, or for another answer than yes */
export async function confirmed(question: string, isAnswered: boolean): Promise<void> {
  if (isAnswered) return
  if (!process.stdin.isTTY) {
    throw new UsageError(`${question}\nNothing was changed: there is no terminal to ask at; add --yes`)
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${question} [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('Nothing was changed.')
  } finally {
    terminal.close()
  }
}

interface Ended extends Confirmation {
  readonly count: number
  /** Why it stopped before the last session. */
  readonly fault: string | undefined
}

/**
 * Ends sessions, with progress on standard error. Earlier codes of the same users are refused first; a code that was
 * redeemed meanwhile has a session then.
 *
 * @param findAgain - finds the sessions once the codes are refused
 * @param user - a Quilt user name or an e-mail address: of one person, who may have no session yet
 */
export async function endSessions(
  { endConnections, by }: Steering,
  listed: readonly Session[],
  { findAgain, user }: { readonly findAgain: () => Promise<readonly Session[]>; readonly user?: string },
): Promise<Ended> {
  let [count, isAcknowledged, isReplicated] = [0, true, true]
  let shownMs = performance.now()
  try {
    const names = listed.map(({ person }) => person.name)
    await endConnections.refuseEarlierCodes(user === undefined ? names : [user, ...names], user)
    const found = listed.length === 0 && user === undefined ? [] : await findAgain()
    const sessions = once([...listed, ...found])
    for (let from = 0; from < sessions.length; from += AT_ONCE) {
      const ended = await endConnections.end(sessions.slice(from, from + AT_ONCE), {
        by: 'operator',
        key: by,
      })
      count += ended.count
      isAcknowledged &&= ended.isAcknowledged
      isReplicated &&= ended.isReplicated
      if (performance.now() - shownMs < PROGRESS_MS) continue
      shownMs = performance.now()
      process.stderr.write(`${count} of ${sessions.length} sessions ended\n`)
    }
  } catch (error) {
    return { count, isAcknowledged, isReplicated, fault: (error as Error).message }
  }
  return { count, isAcknowledged, isReplicated, fault: undefined }
}

/** The result of a command that ended sessions. */
export function endedOutput(
  ended: Ended,
  { of, json }: { readonly of: number; readonly json: boolean },
): Output {
  const { count, isAcknowledged, isReplicated, fault } = ended
  const exitCode = fault === undefined && isAcknowledged && count > 0 ? 0 : 1
  if (json) {
    const result = { ended: count, of, acknowledged: isAcknowledged, replicated: isReplicated }
    return { text: JSON.stringify({ ...result, ...(fault === undefined ? {} : { fault }) }), exitCode }
  }
  const stopped =
    fault === undefined ? [] : [`Stopped early: ${fault}. Run the command again for the others.`]
  const confirmation = count > 0 ? [confirmationText(ended, 'authz')] : []
  return { text: [`${sessionCount(count)} ended.`, ...stopped, ...confirmation].join('\n'), exitCode }
}

export function sessionCount(count: number): string {
  return count === 1 ? '1 session' : `${count} sessions`
}
