/** How long is measured, and with how much. */
export interface Plan {
  /** Each measures every row once, one after the other, so that what else the machine does falls on all of them. */
  readonly rounds: number
  readonly openMs: number
  readonly closedMs: number
  /** Of each closed loop, at most. */
  readonly closedRequests: number
  /** Before the first round, each row, unmeasured: compilers of just-in-time code need some thousand requests. */
  readonly warmUpRequests: number
  readonly warmSessions: number
  /** Tokens that nobody has shown before, in each round's closed loop at most. */
  readonly coldRequests: number
  /** Sessions that one authz holds in memory beside those in use. */
  readonly held: number
  /** Sessions in the store beside those. */
  readonly stored: number
}

export const REQUESTS_PER_SECOND = 500
export const IN_FLIGHT = 32
/** authz looks into 2,000 tokens a second that it does not know (authz/proofs.ts), and says 503 to the rest. */
export const MOST_COLD_PER_SECOND = 1800
/** What may be set, and how much; authz holds no more sessions than that by default (SESSION_CACHE_SIZE). */
const MOST = { rounds: 20, held: 100_000, stored: 2_000_000 } as const

const USUAL: Plan = {
  rounds: 3,
  openMs: 1500,
  closedMs: 1500,
  closedRequests: 1_000_000,
  warmUpRequests: 3000,
  warmSessions: 100,
  coldRequests: 2500,
  held: 5000,
  stored: 20_000,
}

/** For the parts of envoy.yaml: many short rounds, one after the other. */
export const PARTS_PLAN: Plan = {
  ...USUAL,
  rounds: 15,
  openMs: 0,
  closedMs: 30_000,
  closedRequests: 1000,
  warmUpRequests: 500,
  coldRequests: 0,
  held: 0,
  stored: 0,
}

/** Whether everything works and is there; its figures say little. */
const QUICK: Plan = {
  rounds: 1,
  openMs: 100,
  closedMs: 100,
  closedRequests: 1_000_000,
  warmUpRequests: 20,
  warmSessions: 10,
  coldRequests: 100,
  held: 100,
  stored: 100,
}

const USAGE = `npm run bench -- [--quick] [--rounds=3] [--held=${MOST.held}] [--stored=1000000]`

/**
 * From the command line.
 *
 * @throws TypeError for what it does not know
 */
export function readPlan(args: readonly string[]): Plan {
  const plan = { ...(args.includes('--quick') ? QUICK : USUAL) }
  for (const arg of args.filter((each) => each !== '--quick')) {
    const [, name = '', digits] = /^--(\w+)=(\d{1,7})$/.exec(arg) ?? []
    const number = Number(digits)
    if (!isSetting(name) || !(number >= leastOf(name, plan) && number <= MOST[name]))
      throw new TypeError(USAGE)
    plan[name] = number
  }
  return plan
}

/** Of those that are held, some are in use. */
function leastOf(name: keyof typeof MOST, { warmSessions }: Plan): number {
  return name === 'held' ? warmSessions : Number(name === 'rounds')
}

function isSetting(name: string): name is keyof typeof MOST {
  return Object.hasOwn(MOST, name)
}

/** How many tokens a row takes that may show each of them once. */
export function coldTokens({ rounds, openMs, coldRequests, warmUpRequests }: Plan): number {
  const openRequests = Math.ceil((openMs / 1000) * REQUESTS_PER_SECOND)
  return warmUpRequests + rounds * (openRequests + coldRequests)
}
