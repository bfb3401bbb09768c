import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Message } from '../../../../authz/read-access/message.ts'

/** What a service runs for a body: the message's own parts, whatever they are. */
export interface Reading {
  readonly method: unknown
  readonly id: unknown
  readonly name: unknown
  readonly uri: unknown
  readonly answers: boolean
}

/** How several parsers read a body; null where one refuses it. */
export type Readings = Readonly<Record<'node' | 'exact' | 'folded_first' | 'folded_last', Reading | null>>

const SCRIPT = fileURLToPath(new URL('read_bodies.py', import.meta.url))

/** Reads the bodies with Node and, all in one child process, with Python. */
export function readingsOf(bodies: readonly Uint8Array[]): Readings[] {
  const input = bodies.map((body) => `${Buffer.from(body).toString('base64')}\n`).join('')
  const { stdout, stderr, status } = spawnSync('python3', [SCRIPT], {
    input,
    encoding: 'utf8',
    maxBuffer: 256 * 1_048_576,
  })
  if (status !== 0) throw new Error(`python3 could not read the bodies: ${stderr}`)
  const lines = stdout.trimEnd().split('\n')
  if (lines.length !== bodies.length) throw new Error('python3 did not read every body')
  return lines.map((line, index) => ({
    // The script beside this file writes it.
    ...(JSON.parse(line) as Omit<Readings, 'node'>),
    node: readWithNode(bodies[index] ?? Buffer.alloc(0)),
  }))
}

/** What authz judged, in the same shape. */
export function readingOf(message: Exclude<Message, { readonly kind: 'fault' }>): Reading {
  if (message.kind === 'response') {
    return { method: null, id: message.id, name: null, uri: null, answers: true }
  }
  const id = message.kind === 'request' ? message.id : null
  return { method: message.method, id, name: message.name ?? null, uri: message.uri ?? null, answers: false }
}

function readWithNode(body: Uint8Array): Reading | null {
  try {
    const message: unknown = JSON.parse(Buffer.from(body).toString('utf8'))
    const params = own(message, 'params')
    return {
      method: own(message, 'method') ?? null,
      id: own(message, 'id') ?? null,
      name: own(params, 'name') ?? null,
      uri: own(params, 'uri') ?? null,
      answers: own(message, 'result') !== undefined || own(message, 'error') !== undefined,
    }
  } catch {
    return null
  }
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.getOwnPropertyDescriptor(value, key)?.value
}
