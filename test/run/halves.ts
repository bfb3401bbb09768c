/** Folders of test/ whose files make the first half: about as long as all others, on two cores. */
const FIRST_HALF = ['journeys', 'deploy', 'envoy', 'core', 'bench', 'proto', 'requirements', 'run']

/** Two lists of test files that together hold each file once; files of one folder share what they start. */
export function inHalves(files: readonly string[]): readonly [string[], string[]] {
  const isFirst = (file: string): boolean => FIRST_HALF.some((folder) => file.startsWith(`test/${folder}/`))
  return [files.filter(isFirst), files.filter((file) => !isFirst(file))]
}
