import { join } from 'node:path'

export const TOOLS_FOLDER = join(import.meta.dirname, '../../../.tools')
