import { parse, type CollectionTag, type ScalarTag, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Json } from './json.ts'

export interface ParameterDefinition {
  readonly Type: string
  readonly Default?: string | number
  readonly Description?: string
  readonly AllowedPattern?: string
  readonly AllowedValues?: readonly (string | number)[]
  readonly MinValue?: number
  readonly MaxValue?: number
  readonly MaxLength?: number
}

export interface ResourceDefinition {
  readonly Type: string
  readonly Condition?: string
  readonly DependsOn?: string | readonly string[]
  readonly DeletionPolicy?: string
  readonly Properties?: Readonly<Record<string, Json>>
}

interface RuleDefinition {
  readonly RuleCondition?: Json
  readonly Assertions: readonly { readonly Assert: Json; readonly AssertDescription: string }[]
}

type ByName<Value> = Readonly<Record<string, Value>>

/** A CloudFormation template, with the long form of every function. */
export interface Template {
  readonly Metadata: ByName<Json>
  readonly Parameters: ByName<ParameterDefinition>
  readonly Rules: ByName<RuleDefinition>
  readonly Mappings: ByName<ByName<ByName<Json>>>
  readonly Conditions: ByName<Json>
  readonly Resources: ByName<ResourceDefinition>
  readonly Outputs: ByName<{
    readonly Condition?: string
    readonly Value: Json
    readonly Export?: { readonly Name: Json }
  }>
}

const FUNCTIONS = [
  'And',
  'Equals',
  'FindInMap',
  'GetAtt',
  'If',
  'Join',
  'Not',
  'Or',
  'Select',
  'Split',
  'Sub',
]

/** `!Sub x` and `!Sub [x]` become `{"Fn::Sub": …}`. */
const TAGS: (ScalarTag | CollectionTag)[] = [...FUNCTIONS, 'Ref', 'Condition'].flatMap((name) => {
  const key = FUNCTIONS.includes(name) ? `Fn::${name}` : name
  const resolveNode = (node: YAMLMap | YAMLSeq): Json => ({ [key]: node.toJSON() as Json })
  return [
    {
      tag: `!${name}`,
      resolve: (text: string) => ({ [key]: name === 'GetAtt' ? nameAndAttribute(text) : text }),
    },
    { tag: `!${name}`, collection: 'seq', resolve: resolveNode },
    { tag: `!${name}`, collection: 'map', resolve: resolveNode },
  ] as (ScalarTag | CollectionTag)[]
})

/** Of `Name.Attribute.Of.It`. */
export function nameAndAttribute(text: string): [name: string, attribute: string] {
  const dot = text.indexOf('.')
  return [text.slice(0, dot), text.slice(dot + 1)]
}

/** CloudFormation refuses anchors and merge keys, so they are refused here. */
export function parseTemplate(text: string): Template {
  return parse(text, { customTags: TAGS, merge: false, maxAliasCount: 0 }) as Template
}
