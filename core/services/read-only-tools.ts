export interface ToolList {
  readonly reads: readonly string[]
  /** Tools that can also do more; the operator decides whether they count as reading. */
  readonly mayDoMore: Readonly<Record<string, string>>
  /** Tools that change something. The consent page names them; authz refuses every tool that is not in `reads`. */
  readonly changes: readonly string[]
}

const RUNS_SQL = 'runs SQL queries'
const HANDS_OUT_LINKS = 'hands out links that work without signing in'

/** Lists that a service's entry can name. A tool in neither part of a list changes something or is unknown. */
export const TOOL_LISTS = {
  'quilt-platform': {
    reads: [
      'search_packages',
      'search_packages_more',
      'search_objects',
      'search_objects_more',
      'package_list',
      'package_browse',
      'package_revision',
      'package_revisions',
      's3_object_list',
      'object_read',
      's3_object_info',
      'athena_query_results',
      'tabulator_table_list',
      'bucket_list',
      'catalog_link',
      'get_resource',
    ],
    mayDoMore: { athena_query: RUNS_SQL, s3_object_link: HANDS_OUT_LINKS },
    changes: [
      'package_create',
      'package_patch',
      's3_object_put',
      'tabulator_table_set',
      'tabulator_table_rename',
    ],
  },
  'quilt-mcp': {
    reads: [
      'catalog_uri',
      'catalog_url',
      'bucket_list',
      'bucket_object_fetch',
      'bucket_object_info',
      'bucket_object_text',
      'bucket_objects_list',
      'search_catalog',
      'search_docs_quilt_bio',
      'search_explain',
      'search_suggest',
      'athena_query_validate',
      'athena_table_schema',
      'athena_tables_list',
      'tabulator_list_buckets',
      'tabulator_tables_list',
      'admin_user_get',
      'check_bucket_access',
      'discover_permissions',
      'get_resource',
    ],
    mayDoMore: {
      athena_query_execute: RUNS_SQL,
      tabulator_query_execute: RUNS_SQL,
      tabulator_bucket_query: RUNS_SQL,
      bucket_object_link: HANDS_OUT_LINKS,
    },
    changes: [
      'bucket_objects_put',
      'package_create_from_s3',
      'tabulator_table_create',
      'tabulator_table_delete',
      'tabulator_table_rename',
    ],
  },
} as const satisfies Readonly<Record<string, ToolList>>

/** MCP methods that only read, or only affect the session's own messages. */
export const READING_METHODS: readonly string[] = [
  'initialize',
  'ping',
  'server/discover',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
  'logging/setLevel',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/read',
  'resources/templates/list',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/list',
  'prompts/get',
  'completion/complete',
]
