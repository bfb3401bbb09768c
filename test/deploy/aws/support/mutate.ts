import { isList, isObject, type Json } from './json.ts'
import type { Template } from './template.ts'

/** A mistake in the template. */
export interface Mutant {
  readonly what: string
  /** Path such as `Resources/ConnectListener/Properties/Port`; an item of a list by its place, Name, Key or ContainerName. */
  readonly at: string
  /** The wrong value; undefined removes what is there. */
  readonly to: Json | undefined
}

/** @throws Error if the path leads nowhere, or to the same value */
export function mutate(template: Template, { what, at, to }: Mutant): Template {
  const before = JSON.stringify(template)
  const after = JSON.stringify(replace(JSON.parse(before) as Json, at.split('/'), to))
  if (after === before) throw new Error(`${what}: nothing changes at ${at}`)
  return JSON.parse(after) as Template
}

function replace(value: Json, [step, ...rest]: readonly string[], to: Json | undefined): Json | undefined {
  if (step === undefined) return to
  if (isList(value)) return replaceItem(value, step, (item) => replace(item, rest, to))
  if (!isObject(value) || (rest.length > 0 && !(step in value))) throw new Error(`no member ${step}`)
  const { [step]: member = null, ...others } = value
  const changed = replace(member, rest, to)
  // A member keeps its place.
  return changed === undefined ? others : { ...value, [step]: changed }
}

function replaceItem(list: readonly Json[], step: string, change: (item: Json) => Json | undefined): Json {
  const index = list.findIndex((item, place) => String(place) === step || nameOf(item) === step)
  if (index < 0) throw new Error(`no item ${step}`)
  const changed = change(list[index] ?? null)
  return changed === undefined ? list.toSpliced(index, 1) : list.with(index, changed)
}

function nameOf(item: Json): Json | undefined {
  return isObject(item) ? (item.Name ?? item.Key ?? item.ContainerName ?? item.PolicyName) : undefined
}
