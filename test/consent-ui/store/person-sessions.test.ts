import { onEachStore } from '../../support/each-store.ts'
import { personSessionsContract } from '../../support/person-sessions-contract.ts'

onEachStore('The list of a user’s sessions', personSessionsContract)
