import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { QuiltUser } from '../quilt-user.ts'
import type { PackageStore, QuiltPackage } from './package-store.ts'
import { bucketInput, keyInput, packageInput, requireBucket, ToolRefusal, toolResult } from './tool-access.ts'

const READING = { readOnlyHint: true, openWorldHint: false }

export function addReadingTools(server: McpServer, user: QuiltUser, store: PackageStore): void {
  server.registerTool(
    'bucket_list',
    {
      title: 'List buckets',
      description: 'Lists the buckets that your Quilt role may see.',
      inputSchema: z.object({}),
      annotations: READING,
    },
    () => toolResult({ user: user.name, role: user.role, buckets: user.buckets }),
  )

  server.registerTool(
    'search_packages',
    {
      title: 'Search packages',
      description: 'Finds packages by words in their name or message, in one bucket or in all of yours.',
      inputSchema: z.object({
        query: z.string().max(200).default('').describe('Words to look for; empty finds all'),
        bucket: bucketInput.optional(),
      }),
      annotations: READING,
    },
    ({ query, bucket }) => {
      if (bucket !== undefined) requireBucket(user, bucket)
      const buckets = bucket === undefined ? user.buckets.map(({ name }) => name) : [bucket]
      const packages = store.search(buckets, query)
      return toolResult({
        packages: packages.map(summaryOf),
      })
    },
  )

  server.registerTool(
    'package_browse',
    {
      title: 'Browse a package',
      description: 'Lists the paths of a package, each with its object.',
      inputSchema: z.object({ bucket: bucketInput, name: packageInput }),
      annotations: READING,
    },
    ({ bucket, name }) => {
      requireBucket(user, bucket)
      const found = store.find(bucket, name)
      if (found === undefined) throw new ToolRefusal(`There is no package ${name} in ${bucket}.`)
      return toolResult(found)
    },
  )

  server.registerTool(
    'object_read',
    {
      title: 'Read an object',
      description: 'Reads an object of a bucket as text.',
      inputSchema: z.object({ bucket: bucketInput, key: keyInput }),
      annotations: READING,
    },
    ({ bucket, key }) => {
      requireBucket(user, bucket)
      const text = store.read(bucket, key)
      if (text === undefined) throw new ToolRefusal(`There is no object ${key} in ${bucket}.`)
      return { content: [{ type: 'text', text }] }
    },
  )
}

function summaryOf({ bucket, name, message, topHash }: QuiltPackage) {
  return { bucket, name, message, topHash }
}
