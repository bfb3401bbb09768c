import { join } from 'node:path'

/** What was fetched for this checkout; git ignores it. */
export const TOOLS_FOLDER = join(import.meta.dirname, '../../../.tools')
