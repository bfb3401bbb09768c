/** Test files that one mocha process runs: they share what they start, which is closed when the process ends. */
export interface Group {
  readonly name: string
  readonly files: readonly string[]
}

/** Folders of test/ whose files start much and share little: several groups each, so that less is open at once. */
const PARTS: ReadonlyMap<string, number> = new Map([['consent-ui', 4]])
/** Folders that are done in seconds, as one group. */
const SMALL: ReadonlySet<string> = new Set(['bench', 'core', 'docs', 'proto', 'requirements', 'run'])

/** Every file in one group; the largest groups come first, so that no large one is left for the end. */
export function inGroups(files: readonly string[]): Group[] {
  const folders = Map.groupBy(files.toSorted(), folderOf)
  return [...folders]
    .flatMap(([folder, inside]) => partsOf(folder, inside))
    .toSorted((one, other) => other.files.length - one.files.length)
}

function folderOf(file: string): string {
  const [, folder = ''] = file.split('/')
  return SMALL.has(folder) ? 'small' : folder
}

function partsOf(folder: string, files: readonly string[]): Group[] {
  const parts = PARTS.get(folder) ?? 1
  const size = Math.ceil(files.length / parts)
  return Array.from({ length: Math.ceil(files.length / size) }, (_, part) => ({
    name: parts === 1 ? folder : `${folder}, part ${part + 1} of ${parts}`,
    files: files.slice(part * size, (part + 1) * size),
  }))
}
