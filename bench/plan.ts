import { parseArgs } from 'node:util'

export interface Plan {
  /** Each round measures every row once, so that other load affects all rows. */
  readonly rounds: number
  readonly openMs: number
  readonly closedMs: number
  /** Of each closed loop, at most. */
  readonly closedRequests: number
  /** Unmeasured requests of each row before the first round, for the JIT compiler. */
  readonly warmUpRequests: number
  readonly warmSessions: number
  /** Max new tokens in the closed loop of each round. */
  readonly coldRequests: number
  /** Sessions in the memory of one authz. */
  readonly held: number
  /** Further sessions in its store. */
  readonly stored: number
}

export const REQUESTS_PER_SECOND = 500
export const IN_FLIGHT = 32
/** authz verifies 2,000 signatures a second (authz/tokens/signature-queue.ts), and answers 503 to the rest. */
export const MAX_COLD_PER_SECOND = 1800
/** Max of each option; held is the default of SESSION_CACHE_SIZE. */
const MAX = { rounds: 20, held: 100_000, stored: 2_000_000 } as const

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

/** For the settings of authz, likewise. */
export const SETTINGS_PLAN: Plan = { ...PARTS_PLAN, rounds: 30, closedRequests: 1000, warmUpRequests: 5000 }

/** Only tests that the bench works: its figures mean little. */
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

const USAGE = `npm run bench -- [--quick] [--rounds=3] [--held=${MAX.held}] [--stored=1000000]`

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  held: { type: 'string' },
  stored: { type: 'string' },
} as const

/** @throws TypeError for an unknown option */
export function readPlan(args: readonly string[]): Plan {
  const { quick, ...given } = parseArgs({ args: [...args], options: OPTIONS }).values
  const plan = quick ? QUICK : USUAL
  return {
    ...plan,
    rounds: readNumber(given.rounds, plan.rounds, [1, MAX.rounds]),
    held: readNumber(given.held, plan.held, [plan.warmSessions, MAX.held]),
    stored: readNumber(given.stored, plan.stored, [0, MAX.stored]),
  }
}

function readNumber(digits: string | undefined, usual: number, [min, max]: [number, number]): number {
  if (digits === undefined) return usual
  const number = Number(digits)
  if (/^\d{1,7}$/.test(digits) && number >= min && number <= max) return number
  throw new TypeError(USAGE)
}

export function coldTokens({ rounds, openMs, coldRequests, warmUpRequests }: Plan): number {
  const openRequests = Math.ceil((openMs / 1000) * REQUESTS_PER_SECOND)
  return warmUpRequests + rounds * (openRequests + coldRequests)
}
