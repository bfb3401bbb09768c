/** What became of sessions that a person ended or narrowed. */
export interface Outcome {
  /** Of their applications; none where the sessions had ended before. */
  readonly names: readonly string[]
  /** By every gateway process that lives. */
  readonly isAcknowledged: boolean
  readonly tookMs: number
}

/** What the page says of sessions that were ended. */
export function revokedNews({ names, ...outcome }: Outcome): string {
  if (names.length === 0) return 'There was nothing to end: that access had ended before.'
  const what = names.length === 1 ? `${nameOf(names)} is` : `${names.length} connections are`
  return `Access ended: ${what} refused from the next request on. ${howLong(outcome)}`
}

/** What the page says of sessions that may only read now. */
export function narrowedNews({ names, ...outcome }: Outcome): string {
  if (names.length === 0) return 'There was nothing to narrow: that access had ended before.'
  return `${nameOf(names)} may only read from the next request on. ${howLong(outcome)}`
}

function nameOf([name = '']: readonly string[]): string {
  return name === '' ? 'The application without a name' : name
}

/** Whoever has not acknowledged asks the store each time, or for as long as it cannot, goes by what it knew. */
function howLong({ isAcknowledged, tookMs }: Omit<Outcome, 'names'>): string {
  return isAcknowledged
    ? `It took ${(Math.ceil(tookMs / 10) / 100).toFixed(2)} seconds.`
    : 'Not every gateway has confirmed it within a second: one that is cut off from the store may let requests through for a little longer. The administrator can see which.'
}
