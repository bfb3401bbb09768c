import type { Spot } from './spot.ts'

/** One place where a rule does not hold. */
export interface Finding {
  /** Path in the configuration, such as `static_resources.listeners[0].address`. */
  readonly where: string
  /** What could happen. */
  readonly risk: string
  readonly fix: string
}

/** What a rule says of every place where it is broken. */
export type Advice = Omit<Finding, 'where'>

export function finding({ path }: Spot, advice: Advice): Finding {
  return { where: path === '' ? '(the whole file)' : path, ...advice }
}

/** A finding for each spot that does not hold exactly one of the accepted values; `undefined` stands for none. */
export function unlessOneOf(
  spots: readonly Spot[],
  accepted: readonly unknown[],
  advice: Advice,
): readonly Finding[] {
  return spots.filter(({ value }) => !accepted.includes(value)).map((spot) => finding(spot, advice))
}

/** A finding for each spot where something stands that must not. */
export function whereverSet(spots: readonly Spot[], advice: Advice): readonly Finding[] {
  return unlessOneOf(spots, [undefined], advice)
}
