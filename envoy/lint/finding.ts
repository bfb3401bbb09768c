import type { ConfigNode } from './config/config-node.ts'

/** One place that breaks a rule. */
export interface Finding {
  /** Path in the configuration, such as `static_resources.listeners[0].address`. */
  readonly where: string
  /** The possible consequence. */
  readonly risk: string
  readonly fix: string
}

/** The text of a rule for every place that breaks it. */
export type Advice = Omit<Finding, 'where'>

export function finding({ path }: ConfigNode, advice: Advice): Finding {
  return { where: path === '' ? '(the whole file)' : path, ...advice }
}

/** Finds each node without an accepted value; `undefined` accepts an absent field. */
export function unlessOneOf(
  nodes: readonly ConfigNode[],
  accepted: readonly unknown[],
  advice: Advice,
): readonly Finding[] {
  return nodes.filter(({ value }) => !accepted.includes(value)).map((node) => finding(node, advice))
}

/** Finds each field that must be absent. */
export function whereverSet(nodes: readonly ConfigNode[], advice: Advice): readonly Finding[] {
  return unlessOneOf(nodes, [undefined], advice)
}
