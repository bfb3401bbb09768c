import { onEachStore } from '../../support/store/each-store.ts'
import { personSessionsContract } from '../../support/store-contract/person-sessions.ts'

onEachStore('The list of a user’s sessions', personSessionsContract)
