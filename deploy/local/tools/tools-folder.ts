import { join } from 'node:path'

/** Fetched programs of this checkout; git ignores the folder. */
export const TOOLS_FOLDER = join(import.meta.dirname, '../../../.tools')
