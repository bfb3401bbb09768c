import type { Command } from './command.ts'

/** Every command by its words, with what it does. */
export const SUMMARIES = {
  check: 'says of each part whether it is set up right, and the fix',
  why: 'explains why a request was refused',
  sessions: 'lists live sessions',
  revoke: 'ends sessions',
  'end-user': 'ends every session of a person',
  relink: 'lets a person sign in whose account was made anew',
  'block-client': 'refuses a client everywhere',
  'unblock-client': 'undoes block-client',
  stop: 'stops a service, or everything, in an emergency',
  resume: 'undoes stop',
  controls: 'lists what is blocked and stopped',
  'audit verify': 'shows that no audit line was changed or removed',
  'audit remove-person': 'removes a person from audit files',
  'policy replay': 'decides recorded requests with another list of services',
  'keys new': 'makes a key',
  'keys bundle': 'makes every key of a new installation',
  'keys public': 'prints the public keys that authz needs',
  'keys status': 'says which keys are still in use',
  'envoy lint': 'proves that the gate of an Envoy configuration is shut',
} as const

export type CommandName = keyof typeof SUMMARIES

/** Loads the command that runs: all of them together take half a second. */
export const COMMANDS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  check: async () => (await import('./check/check.ts')).check,
  why: async () => (await import('./why/why.ts')).why,
  sessions: async () => (await import('./steer/sessions.ts')).listSessions,
  revoke: async () => (await import('./steer/revoke.ts')).revokeSessions,
  'end-user': async () => (await import('./steer/end-user.ts')).endUser,
  relink: async () => (await import('./steer/relink.ts')).relink,
  'block-client': async () => (await import('./steer/block-client.ts')).blockClient,
  'unblock-client': async () => (await import('./steer/block-client.ts')).unblockClient,
  stop: async () => (await import('./steer/stop.ts')).stop,
  resume: async () => (await import('./steer/stop.ts')).resume,
  controls: async () => (await import('./steer/list-controls.ts')).listControls,
  'audit verify': async () => (await import('./audit/verify.ts')).verifyAudit,
  'audit remove-person': async () => (await import('./audit/remove-person.ts')).removePerson,
  'policy replay': async () => (await import('./policy/replay.ts')).replayPolicy,
  'keys new': async () => (await import('./keys/new-key.ts')).newKeyCommand,
  'keys bundle': async () => (await import('./keys/key-lists.ts')).keyBundle,
  'keys public': async () => (await import('./keys/key-lists.ts')).keysPublic,
  'keys status': async () => (await import('./keys/key-lists.ts')).keysStatus,
  'envoy lint': async () => (await import('./envoy/lint.ts')).envoyLint,
}
