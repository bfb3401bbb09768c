import { markSigningKey } from '../../core/keys/signing-mark.ts'
import { repeat, type Background } from '../store/repeat.ts'

const MAX_TOKEN_SECONDS = 3600
const PERIOD_SECONDS = 60
/** Two periods longer than the last token that the key may have signed. */
const MARK_SECONDS = MAX_TOKEN_SECONDS + 2 * PERIOD_SECONDS

/** Records that a key signs access tokens, until the last one expires. No other record names the keys of tokens. */
export function keepSigningMark(background: Background, origin: string, keyId: string): void {
  async function mark(): Promise<void> {
    await markSigningKey(background.store, { origin, keyId, seconds: MARK_SECONDS })
  }
  repeat(background, mark, {
    everySeconds: PERIOD_SECONDS,
    failure: 'redis: signing mark not written',
  })
}
