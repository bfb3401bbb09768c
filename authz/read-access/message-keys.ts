import { DecidingKeys } from './key-variants.ts'

/** What makes a message of JSON-RPC a request, a notification or a response. */
export const MESSAGE_KEYS = new DecidingKeys('jsonrpc', 'id', 'method', 'params', 'result', 'error')
