/** The command was called in a way that it does not know. */
export class UsageError extends Error {
  constructor(problem: string) {
    super(`${problem}\n\n${USAGE}`)
    this.name = 'UsageError'
  }
}

const USAGE = `npm run -s keys -- new signing|sealing [sign]
    prints a new entry of a key list; its use is "accept", to be deployed before it signs, or
    "sign" for the first key of a list
npm run -s keys -- public
    prints CONNECT_PUBLIC_KEYS for authz, from CONNECT_ORIGIN and CONNECT_SIGNING_KEYS
npm run -s keys -- status
    prints what still rests on each key, and which may be lowered or dropped, from CONNECT_ORIGIN,
    CONNECT_SEALING_KEYS, CONNECT_SIGNING_KEYS, REDIS_URL, REDIS_MODE and
    REDIS_PLAINTEXT`
