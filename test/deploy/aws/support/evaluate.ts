import { Evaluation, type PseudoParameters } from './evaluation.ts'
import { isObject, type Json } from './json.ts'
import { parameterValues, type Given } from './parameter-values.ts'
import type { ResourceDefinition, Template } from './template.ts'

export interface Resource {
  readonly Type: string
  readonly Properties: Readonly<Record<string, Json>>
  readonly DependsOn: readonly string[]
  readonly DeletionPolicy: string | undefined
}

/** What CloudFormation makes of a template for given parameters. */
export interface Stack {
  readonly resources: Readonly<Record<string, Resource>>
  readonly outputs: Readonly<Record<string, Json>>
  /** Export names of the outputs. */
  readonly exports: Readonly<Record<string, Json>>
}

export const PSEUDO_PARAMETERS = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::StackName': 'quilt-connect',
  'AWS::StackId': 'arn:aws:cloudformation:us-east-1:123456789012:stack/quilt-connect/1',
  'AWS::URLSuffix': 'amazonaws.com',
}

/** @throws Error for everything that CloudFormation refuses before it creates a resource */
export function evaluate(
  template: Template,
  given: Given,
  pseudo: PseudoParameters = PSEUDO_PARAMETERS,
): Stack {
  const evaluation = new Evaluation(template, parameterValues(template.Parameters, given), pseudo)
  refuseBrokenRules(template, evaluation)
  for (const name of Object.keys(template.Conditions)) evaluation.holds(name)
  const dependencies = new Map<string, ReadonlySet<string>>()
  const resources: Record<string, Resource> = {}
  for (const [name, definition] of Object.entries(template.Resources)) {
    if (!evaluation.holds(definition.Condition)) continue
    const { resource, referred } = evaluateResource(evaluation, definition)
    resources[name] = resource
    dependencies.set(name, new Set([...referred, ...resource.DependsOn]))
  }
  refuseCycles(dependencies)
  const outputs = Object.entries(template.Outputs).filter(([, { Condition: condition }]) =>
    evaluation.holds(condition),
  )
  const fill = (value: Json | undefined): Json =>
    value === undefined ? null : (evaluation.fill(value) ?? null)
  return {
    resources,
    outputs: Object.fromEntries(outputs.map(([name, { Value: value }]) => [name, fill(value)])),
    exports: Object.fromEntries(outputs.map(([name, { Export: exported }]) => [name, fill(exported?.Name)])),
  }
}

function evaluateResource(
  evaluation: Evaluation,
  { Type, Properties = {}, DependsOn = [], DeletionPolicy }: ResourceDefinition,
): { readonly resource: Resource; readonly referred: ReadonlySet<string> } {
  const { filled, referred } = evaluation.fillAndRefer(Properties)
  const properties = isObject(filled) ? filled : {}
  return {
    resource: { Type, Properties: properties, DependsOn: [DependsOn].flat(), DeletionPolicy },
    referred,
  }
}

/** The section Rules: CloudFormation shows each description before it creates anything. */
function refuseBrokenRules(template: Template, evaluation: Evaluation): void {
  const broken = Object.values(template.Rules)
    .filter(({ RuleCondition: condition }) => condition === undefined || evaluation.isTrue(condition))
    .flatMap(({ Assertions: assertions }) => assertions)
    .filter(({ Assert: assertion }) => !evaluation.isTrue(assertion))
  if (broken.length > 0) throw new Error(broken.map(({ AssertDescription: text }) => text).join('\n'))
}

function refuseCycles(dependencies: ReadonlyMap<string, ReadonlySet<string>>): void {
  const done = new Set<string>()
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) throw new Error(`circular: ${[...path, name].join(' → ')}`)
    if (done.has(name)) return
    for (const next of dependencies.get(name) ?? []) visit(next, [...path, name])
    done.add(name)
  }
  for (const name of dependencies.keys()) visit(name, [])
}
