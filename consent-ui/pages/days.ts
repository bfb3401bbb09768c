const DAY_SECONDS = 86_400

/** A length of time in whole days, rounded up: `1 day`, `14 days`. */
export function daysIn(seconds: number): string {
  const days = Math.ceil(seconds / DAY_SECONDS)
  return `${days} ${days === 1 ? 'day' : 'days'}`
}
