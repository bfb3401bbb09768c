import type { CallToolResult } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { ROLES } from '../roles.ts'
import type { QuiltUser } from '../quilt-user.ts'

export const bucketInput = z.string().describe('Name of the bucket, without s3://')
export const packageInput = z
  .string()
  .regex(/^[\w-]+\/[\w-]+$/, { message: 'must be namespace/name' })
  .describe('Name of the package, as namespace/name')
export const keyInput = z.string().min(1).max(1024).describe('Key of the object in the bucket')

/** The SDK turns it into a tool result with `isError`. */
export class ToolRefusal extends Error {}

/** Uses the same words for a forbidden bucket and a missing one. */
export function requireBucket({ role, buckets }: QuiltUser, bucket: string): void {
  if (buckets.some(({ name }) => name === bucket)) return
  throw new ToolRefusal(`Access denied: the role ${role} has no bucket ${bucket}.`)
}

/** An unknown role may only read. */
export function requireChanges({ role }: QuiltUser): void {
  const mayChange = Object.entries(ROLES).some(([name, rights]) => name === role && rights.mayChange)
  if (!mayChange) throw new ToolRefusal(`Access denied: the role ${role} may only read.`)
}

/** JSON as text, which every client can read. */
export function toolResult(value: unknown): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(value, undefined, 2) }] }
}
