import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { QuiltUser } from '../quilt-user.ts'
import type { PackageStore } from './package-store.ts'
import {
  bucketInput,
  keyInput,
  packageInput,
  requireBucket,
  requireChanges,
  ToolRefusal,
  toolResult,
} from './tool-access.ts'

const MAX_OBJECT_CHARACTERS = 100_000
const MAX_FILES = 100

export function addChangingTools(server: McpServer, user: QuiltUser, store: PackageStore): void {
  function requireWriting(bucket: string): void {
    requireBucket(user, bucket)
    requireChanges(user)
  }

  server.registerTool(
    'package_create',
    {
      title: 'Create a package',
      description: 'Creates a package, or a new revision of one, from objects of the bucket.',
      inputSchema: z.object({
        bucket: bucketInput,
        name: packageInput,
        message: z.string().max(500).describe('The contents, or the change'),
        keys: z.array(keyInput).min(1).max(MAX_FILES).describe('Keys of the objects that it holds'),
      }),
      // It adds a revision and keeps the earlier ones.
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: false,
        openWorldHint: false,
      },
    },
    ({ bucket, name, message, keys }) => {
      requireWriting(bucket)
      const missing = keys.filter((key) => store.read(bucket, key) === undefined)
      if (missing.length > 0) throw new ToolRefusal(`Not in ${bucket}: ${missing.join(', ')}.`)
      const files = Object.fromEntries(keys.map((key) => [key, key]))
      return toolResult(store.save(bucket, { name, message, files }))
    },
  )

  server.registerTool(
    's3_object_put',
    {
      title: 'Write an object',
      description: 'Writes text to an object of a bucket, replacing its content.',
      inputSchema: z.object({
        bucket: bucketInput,
        key: keyInput,
        content: z.string().max(MAX_OBJECT_CHARACTERS),
      }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ bucket, key, content }) => {
      requireWriting(bucket)
      store.put(bucket, key, content)
      return toolResult({ bucket, key, characters: content.length })
    },
  )
}
