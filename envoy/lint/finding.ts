import type { ConfigNode } from './config/config-node.ts'

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

export function finding({ path }: ConfigNode, advice: Advice): Finding {
  return { where: path === '' ? '(the whole file)' : path, ...advice }
}

/** A finding for each node that does not hold exactly one of the accepted values; `undefined` stands for none. */
export function unlessOneOf(
  nodes: readonly ConfigNode[],
  accepted: readonly unknown[],
  advice: Advice,
): readonly Finding[] {
  return nodes.filter(({ value }) => !accepted.includes(value)).map((node) => finding(node, advice))
}

/** A finding for each node where something stands that must not. */
export function whereverSet(nodes: readonly ConfigNode[], advice: Advice): readonly Finding[] {
  return unlessOneOf(nodes, [undefined], advice)
}
