import { markSigningKey } from '../../core/keys/signing-mark.ts'
import { repeat, type Background } from './repeat.ts'

/** Access tokens live for an hour at most. */
const LONGEST_TOKEN_SECONDS = 3600
const PERIOD_SECONDS = 60
/** Two periods more than a token that was signed just before the key was lowered. */
const MARK_SECONDS = LONGEST_TOKEN_SECONDS + 2 * PERIOD_SECONDS

/**
 * Keeps saying in the store that a key signs access tokens, for as long as the last of them may live: nothing else
 * there tells which key signed what is still out.
 */
export function keepSigningMark(background: Background, origin: string, keyId: string): void {
  async function mark(): Promise<void> {
    await markSigningKey(background.store, { origin, keyId, seconds: MARK_SECONDS })
  }
  repeat(background, mark, {
    everySeconds: PERIOD_SECONDS,
    failure: 'which key signs could not be written',
  })
}
