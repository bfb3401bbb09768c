import assert from 'node:assert/strict'
import { isObject } from '../../../envoy/lint/config/config-node.ts'

/** Sets the value at a path, or removes it if the value is undefined. */
type Change = (path: string | readonly (string | number)[], value: unknown) => void

export interface Changes {
  readonly root: Change
  readonly listener: Change
  readonly manager: Change
  readonly authenticate: Change
  readonly toolAccess: Change
  /** The ext_proc message within the Composite filter. */
  readonly listFilter: Change
  readonly filter: (name: string) => Change
  /** Puts the filters in this order, and removes the others. */
  readonly order: (...names: readonly string[]) => void
  readonly insert: (before: string, filter: object) => void
  readonly host: (name: string) => Change
  readonly route: (name: string) => Change
  readonly cluster: (name: string) => Change
}

type Tree = Record<string, unknown>

export function changesTo(config: Tree): Changes {
  const listener = at(config, ['static_resources', 'listeners', 0])
  const manager = at(listener, ['filter_chains', 0, 'filters', 0, 'typed_config'])
  const filters = listAt(manager, ['http_filters'])
  const hosts = listAt(manager, ['route_config', 'virtual_hosts'])
  const routes = hosts.flatMap((host) => listAt(host, ['routes']))
  const clusters = listAt(config, ['static_resources', 'clusters'])
  const filter = (name: string): Change => changing(at(named(filters, name), ['typed_config']))
  return {
    root: changing(config),
    listener: changing(listener),
    manager: changing(manager),
    authenticate: filter('authenticate'),
    toolAccess: filter('tool_access'),
    listFilter: changing(
      at(named(filters, 'list_filter'), [
        ...['typed_config', 'matcher', 'matcher_list', 'matchers'],
        ...[0, 'on_match', 'action', 'typed_config', 'typed_config', 'typed_config'],
      ]),
    ),
    filter: (name) => changing(named(filters, name)),
    order: (...names) => {
      manager.http_filters = names.map((name) => named(filters, name))
    },
    insert: (before, added) => {
      filters.splice(filters.indexOf(named(filters, before)), 0, { ...added })
    },
    host: (name) => changing(named(hosts, name)),
    route: (name) => changing(named(routes, name)),
    cluster: (name) => changing(named(clusters, name)),
  }
}

function changing(tree: Tree): Change {
  return (path, value) => {
    const steps = typeof path === 'string' ? path.split('.').map(stepOf) : [...path]
    const last = steps.pop()
    assert.ok(last !== undefined)
    const holder = at(tree, steps)
    if (Array.isArray(holder))
      holder.splice(positionOf(last, holder), 1, ...(value === undefined ? [] : [value]))
    else if (value === undefined) Reflect.deleteProperty(holder, last)
    else holder[last] = value
  }
}

/** `+` appends. */
function positionOf(step: string | number, list: readonly unknown[]): number {
  return typeof step === 'number' ? step : list.length
}

function stepOf(step: string): string | number {
  return /^\d+$/.test(step) ? Number(step) : step
}

/** Follows the path, and adds missing objects. */
function at(tree: Tree, steps: readonly (string | number)[]): Tree {
  let place = tree
  for (const step of steps) {
    place[step] ??= {}
    const next = place[step]
    assert.ok(isObject(next) || Array.isArray(next), `there is nothing at ${steps.join('.')}`)
    place = next as Tree
  }
  return place
}

function listAt(tree: Tree, steps: readonly (string | number)[]): Tree[] {
  const list: unknown = at(tree, steps)
  assert.ok(Array.isArray(list))
  return list as Tree[]
}

function named(trees: readonly Tree[], name: string): Tree {
  const found = trees.find((tree) => tree.name === name)
  assert.ok(found !== undefined, `nothing is named ${name}`)
  return found
}
