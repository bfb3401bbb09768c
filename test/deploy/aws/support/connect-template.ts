import { readFileSync } from 'node:fs'
import { parseTemplate } from './template.ts'

/** deploy/aws/template.yaml, as it is. */
export const CONNECT_TEMPLATE = parseTemplate(
  readFileSync(new URL('../../../../deploy/aws/template.yaml', import.meta.url), 'utf8'),
)
