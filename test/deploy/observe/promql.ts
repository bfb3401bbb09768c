import assert from 'node:assert/strict'
import { parser } from '@prometheus-io/lezer-promql'

interface Matcher {
  readonly label: string
  readonly operator: string
  readonly value: string
}

/** `name{label="value"}` */
export interface Selector {
  readonly metric: string
  readonly matchers: readonly Matcher[]
}

export interface ReadExpression {
  readonly selectors: readonly Selector[]
  /** Labels of `by (…)`; undefined without an aggregation. */
  readonly grouped: readonly string[] | undefined
}

type Node = ReturnType<typeof parser.parse>['topNode']

/** @throws AssertionError for an expression that PromQL does not have */
export function readPromql(expression: string): ReadExpression {
  const nodes: Node[] = []
  parser.parse(expression).iterate({
    enter: ({ from, type, node }) => {
      assert.ok(!type.isError, `${expression}: at ${from}`)
      nodes.push(node)
    },
  })
  const named = (name: string): Node[] => nodes.filter((node) => node.name === name)
  const textOf = (node: Node | null | undefined): string =>
    node === null || node === undefined ? '' : expression.slice(node.from, node.to)

  const matcherOf = (node: Node): Matcher => ({
    label: textOf(node.getChild('LabelName')),
    operator: textOf(node.getChild('MatchOp')),
    value: JSON.parse(textOf(node.getChild('StringLiteral'))) as string,
  })
  const selectors = named('VectorSelector').map((node) => ({
    metric: textOf(node.getChild('Identifier')),
    matchers: (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map(matcherOf),
  }))
  const grouped = named('GroupingLabels').flatMap((node) => node.getChildren('LabelName').map(textOf))
  return { selectors, grouped: named('AggregateExpr').length > 0 ? grouped : undefined }
}
