/** Test files that one mocha process runs: they share what they start, which is closed when the process ends. */
export interface Group {
  readonly name: string
  readonly files: readonly string[]
}

/** Folders of test/ whose files start much and share little: several groups each, so that less is open at once. */
const PARTS: ReadonlyMap<string, number> = new Map([['consent-ui', 4]])
/** Folders that are done in seconds, as one group. */
const SMALL: ReadonlySet<string> = new Set(['bench', 'core', 'docs', 'proto', 'requirements', 'rooms', 'run'])
/** The folders that take longest come first, so that no long group is left for the end. */
const LONGEST = ['journeys', 'consent-ui', 'authz', 'deploy', 'edge']

/** Every file in one group. */
export function inGroups(files: readonly string[]): Group[] {
  const folders = Map.groupBy(files.toSorted(), folderOf)
  return [...folders]
    .toSorted(([one], [other]) => rankOf(one) - rankOf(other))
    .flatMap(([folder, inside]) => partsOf(folder, inside))
}

function folderOf(file: string): string {
  const [, folder = ''] = file.split('/')
  return SMALL.has(folder) ? 'small' : folder
}

function rankOf(folder: string): number {
  const rank = LONGEST.indexOf(folder)
  return rank === -1 ? LONGEST.length : rank
}

function partsOf(folder: string, files: readonly string[]): Group[] {
  const parts = PARTS.get(folder) ?? 1
  const size = Math.ceil(files.length / parts)
  return Array.from({ length: Math.ceil(files.length / size) }, (_, part) => ({
    name: parts === 1 ? folder : `${folder}, part ${part + 1} of ${parts}`,
    files: files.slice(part * size, (part + 1) * size),
  }))
}
