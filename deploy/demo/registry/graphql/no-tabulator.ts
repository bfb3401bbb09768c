/** What the documented mutations of Tabulator's tables answer where there is no Athena to query them. */
export function noTabulator() {
  return { __typename: 'OperationError', name: 'NoTabulator', message: 'This demo has no Tabulator.' }
}
