import type { ConfigNode } from './config-node.ts'

/** Characters that RE2 and JavaScript read alike. */
const READ_ALIKE = /^[a-z0-9_/|().*+?-]+$/

/**
 * Matches a whole name or path, as Envoy does; undefined if JavaScript could read the expression differently.
 *
 * @param readAlike - the accepted characters of the expression
 */
export function matcherOf(
  { text }: ConfigNode,
  readAlike = READ_ALIKE,
): ((name: string) => boolean) | undefined {
  if (text === undefined || !readAlike.test(text)) return undefined
  try {
    const expression = new RegExp(`^(?:${text})$`)
    return (name) => expression.test(name)
  } catch {
    return undefined
  }
}
