import { z } from 'zod'
import type { McpReadAccess } from './service.ts'
import { READING_METHODS, TOOL_LISTS, type ToolList } from './read-only-tools.ts'

const toolName = z.string().regex(/^[\x21-\x7e]{1,128}$/, {
  message: 'must be the name of a tool: printable ASCII without spaces',
})
const LISTS = Object.keys(TOOL_LISTS) as (keyof typeof TOOL_LISTS)[]
const whatItDoes = z.string().trim().min(1).max(120)
const readingMethod = z.enum(READING_METHODS)

/** tools/call is decided per tool, and results of tasks may belong to a session with full access. */
const NEVER_ADDED = /^(toolscall|tasks)/
const addedMethod = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.$-]*(\/[A-Za-z0-9_.$-]+)*$/, {
    message: 'must be the name of a method, such as vendor/search',
  })
  // Compares letters only: some servers ignore case.
  .refine((name) => !NEVER_ADDED.test(name.toLowerCase().replaceAll(/[^a-z]/g, '')), {
    message: 'must be neither tools/call nor a method of tasks',
  })
  .refine((name) => !READING_METHODS.includes(name), {
    message: 'is allowed already; see read.methods',
  })

/** Schema of an entry's `read`: what a session of access `read` may do at an MCP server. */
export const mcpReadAccess = z
  .strictObject({
    tools: z.union([z.enum(LISTS), z.array(toolName)], {
      error: `must be a list of tools that only read, or one of ${LISTS.join(', ')}`,
    }),
    /** Tools that can do more than read: names of the list above, or any name with a description. */
    more: z.union([z.array(toolName), z.record(toolName, whatItDoes)]).default([]),
    methods: z.array(readingMethod).default([...READING_METHODS]),
    withoutMethods: z.array(readingMethod).default([]),
    moreMethods: z.record(addedMethod, whatItDoes).default({}),
  })
  .transform(({ tools, more, methods, withoutMethods, moreMethods }, context): McpReadAccess => {
    const { reads, mayDoMore, changes }: ToolList =
      typeof tools === 'string' ? TOOL_LISTS[tools] : { reads: tools, mayDoMore: {}, changes: [] }
    const described = Array.isArray(more) ? pick(mayDoMore, more) : more
    for (const tool of Array.isArray(more) ? more : []) {
      if (Object.hasOwn(described, tool)) continue
      const message = `must say what ${tool} can do, as in { ${tool}: runs SQL queries }`
      context.addIssue({ code: 'custom', path: ['more'], message })
    }
    return {
      tools: new Set([...reads, ...Object.keys(described)]),
      methods: new Set(
        [...methods, ...Object.keys(moreMethods)].filter((method) => !withoutMethods.includes(method)),
      ),
      moreMethods: Object.entries(moreMethods).map(([method, what]) => ({ method, what })),
      changes: [...changes, ...Object.keys(mayDoMore).filter((tool) => !Object.hasOwn(described, tool))],
      more: Object.entries(described).map(([tool, what]) => ({ tool, what })),
    }
  })

function pick(from: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)))
}
