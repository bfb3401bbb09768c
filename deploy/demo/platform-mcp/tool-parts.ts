import type { CallToolResult } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { ROLES } from '../roles.ts'
import type { PackageStore } from './package-store.ts'
import type { Asker } from '../who-asks.ts'

/** What every tool works with. */
export interface ToolParts {
  readonly asker: Asker
  readonly store: PackageStore
}

export const bucketInput = z.string().describe('Name of the bucket, without s3://')
export const packageInput = z
  .string()
  .regex(/^[\w-]+\/[\w-]+$/, { message: 'must be namespace/name' })
  .describe('Name of the package, as namespace/name')
export const keyInput = z.string().min(1).max(1024).describe('Key of the object in the bucket')

/** The tool did not do what it was asked to. The SDK makes a tool result with `isError` of it. */
export class ToolRefusal extends Error {}

/** A bucket of somebody else and one that doesn't exist are refused in the same words. */
export function requireBucket({ role, buckets }: Asker, bucket: string): void {
  if (buckets.some(({ name }) => name === bucket)) return
  throw new ToolRefusal(`Access denied: the role ${role} has no bucket ${bucket}.`)
}

/** Roles that are not known here may only read. */
export function requireChanges({ role }: Asker): void {
  const mayChange = Object.entries(ROLES).some(([name, rights]) => name === role && rights.mayChange)
  if (!mayChange) throw new ToolRefusal(`Access denied: the role ${role} may only read.`)
}

/** What a tool answers: JSON, as text for every client. */
export function toolResult(value: unknown): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(value, undefined, 2) }] }
}
