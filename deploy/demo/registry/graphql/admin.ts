import { GraphQLError, Kind, type DocumentNode } from 'graphql'

/** Nobody in the demo is an admin, so that there is nothing to be defined below these. */
const FIELDS = ['admin', 'roles']

export const ONLY_FOR_ADMINS = new GraphQLError('Only for admins, and this demo has none.')

/** Whether one of its operations begins at what the documented schema has for admins alone. */
export function asksForAdmin({ definitions }: DocumentNode): boolean {
  return definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .flatMap(({ selectionSet }) => selectionSet.selections)
    .some((selection) => selection.kind === Kind.FIELD && FIELDS.includes(selection.name.value))
}
