import { recordOutcome } from '../../../core/audit/record-outcome.ts'
import type { Environment } from '../../../core/config/environment.ts'
import { RecordAlarms } from '../../../consent-ui/metrics/record-alarms.ts'
import { LinkStore } from '../../../consent-ui/store/link-store.ts'
import { SignedRecords } from '../../../consent-ui/store/signed-records.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import { chooseSessions } from './choose-sessions.ts'
import { confirmed } from './end-sessions.ts'
import { CHANGE_HELP, CHANGE_OPTIONS, ENVIRONMENT_HELP, withSteering, type Steering } from './steering.ts'

const HELP = `relink EMAIL [--name QUILT_USER] [--issuer URL] [--yes] [--by NAME] [--json]
    lets a person sign in whose account was created anew at the identity provider, and who is refused as "linked to
    another account": removes the link of their Quilt user, and the next sign-in with the same verified e-mail address
    makes a new one. First make sure that the new account belongs to the same person: who signs in next becomes this Quilt
    user. Sessions stay; end them with end-user. ${ENVIRONMENT_HELP} Also OIDC_ISSUER.
    EMAIL      e-mail address
    --name     Quilt user name; needed if the person has no live session
    --issuer   of the identity provider's ID tokens, if it is not OIDC_ISSUER
    --yes      does not ask
    ${CHANGE_HELP}
    exit code  0: done; 1: there is no link; 2: the command could not be run`

export const relink: Command = { help: HELP, run }

async function run(args: readonly string[], environment: Environment): Promise<Output> {
  const { values, positionals } = readArguments(HELP, args, {
    ...CHANGE_OPTIONS,
    name: { type: 'string' },
    issuer: { type: 'string' },
    yes: { type: 'boolean', default: false },
  })
  const [email, ...others] = positionals
  if (email === undefined || others.length > 0) throw new UsageError(`name one person\n\n${HELP}`)
  return await withSteering(environment, values.by, async (steering) => {
    const issuer = values.issuer ?? steering.config.identityProvider
    if (issuer === undefined)
      throw new UsageError('set OIDC_ISSUER or --issuer: without an identity provider there are no links')
    const name = values.name ?? (await nameOf(steering, email))
    await confirmed(`Remove the link of the Quilt user ${name} to an account of ${issuer}?`, values.yes)
    const isRemoved = await recordOutcome<boolean>(
      steering.audit,
      (wasRemoved) => ({
        name: 'AdministratorAction',
        by: 'operator',
        ...(wasRemoved === false ? { isSuccess: false, reason: 'no_link' } : {}),
        person: { name, email },
        details: { action: 'relink', operator: steering.by, issuer },
      }),
      () => removeLink(steering, name, issuer),
    )
    return output({ name, issuer, isRemoved, json: values.json })
  })
}

/** @throws UsageError if sessions do not tell the name */
async function nameOf(steering: Steering, email: string): Promise<string> {
  const sessions = await chooseSessions(steering, { user: email })
  const [name, ...others] = new Set(sessions.map(({ person }) => person.name))
  if (name !== undefined && others.length === 0) return name
  const problem =
    name === undefined
      ? `${email} has no live session`
      : `${email} is the address of ${[name, ...others].join(', ')}`
  throw new UsageError(`${problem}; give the Quilt user name with --name`)
}

/** Issuers are compared byte for byte, and OIDC_ISSUER may be written with a slash at the end or without. */
async function removeLink(
  { config, store, log, now }: Steering,
  name: string,
  issuer: string,
): Promise<boolean> {
  const { origin, sealingKeys: ring, registryUrl } = config
  const records = new SignedRecords({ ring, unsignedUntil: 0, alarms: new RecordAlarms(log), now })
  const links = new LinkStore({ store, records, origin })
  const bare = issuer.replace(/\/$/, '')
  for (const spelled of [bare, `${bare}/`]) {
    if (await links.unlink({ registry: registryUrl.origin, name, issuer: spelled })) return true
  }
  return false
}

function output({
  name,
  issuer,
  isRemoved,
  json,
}: {
  readonly name: string
  readonly issuer: string
  readonly isRemoved: boolean
  readonly json: boolean
}): Output {
  const exitCode = isRemoved ? 0 : 1
  if (json) return { text: JSON.stringify({ user: name, issuer, removed: isRemoved }), exitCode }
  const text = isRemoved
    ? `The link of ${name} is removed. The next sign-in with their e-mail address makes a new one.`
    : `${name} has no link to an account of ${issuer}: nothing was changed.`
  return { text, exitCode }
}
