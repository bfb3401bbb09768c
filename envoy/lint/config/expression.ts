import type { ConfigNode } from './config-node.ts'

/** What RE2 and JavaScript read alike. */
const READ_ALIKE = /^[a-z0-9_/|().*+?-]+$/

/**
 * Whether a whole name or path matches the expression, as Envoy does it; undefined where that cannot be told.
 *
 * @param readAlike - characters of expressions that RE2 and JavaScript read alike
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
