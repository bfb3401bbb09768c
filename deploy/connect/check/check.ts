import type { Environment } from '../../../core/config/environment.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import { envoyProbe, lintFindings } from './check-envoy.ts'
import { identityProviderProbe } from './check-identity-provider.ts'
import { checkKeys } from './check-keys.ts'
import { redisProbe } from './check-redis.ts'
import { registryProbe } from './check-registry.ts'
import { serviceProbes } from './check-services.ts'
import { askAll, type Finding, type Level, type Probe } from './finding.ts'
import { readSettings, type Settings } from './settings.ts'

const HELP = `check [--strict] [--json]
    checks configuration, keys, Redis, identity provider, Registry, services, Envoy and clocks, and says
    what is wrong with the fix. Takes the variables of authz, consent-ui and Envoy; those of one process
    are enough for its part. Changes nothing, and signs no user in.
    --strict   warnings count as faults
    --json     prints the findings as JSON
    exit code  0: no fault; 1: a fault; 2: the command could not be run`

/** Of each probe; all run at the same time. */
const TIMEOUT_MS = 5000

const LEVELS: readonly Level[] = ['fault', 'warning', 'skipped', 'ok']
const LEVEL_WIDTH = 8

export const check: Command = { help: HELP, run }

async function run(args: readonly string[], environment: Environment): Promise<Output> {
  const { values, positionals } = readArguments(HELP, args, {
    strict: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  })
  if (positionals.length > 0) throw new UsageError(HELP)
  const findings = await findAll(environment)
  const failing: readonly Level[] = values.strict ? ['fault', 'warning'] : ['fault']
  const isGood =
    !findings.some(({ level }) => failing.includes(level)) && findings.some(({ level }) => level === 'ok')
  const text = values.json ? JSON.stringify({ isGood, findings }, null, 2) : show(findings)
  return { text, exitCode: isGood ? 0 : 1 }
}

async function findAll(environment: Environment): Promise<readonly Finding[]> {
  const { settings, findings } = readSettings(environment)
  return [
    ...findings,
    ...checkKeys(settings, Date.now()),
    ...(settings.envoy === undefined ? [] : lintFindings(settings.envoy)),
    ...(await askAll(probesFor(settings, environment), TIMEOUT_MS)),
  ]
}

function probesFor({ authz, consentUi, envoy }: Settings, environment: Environment): readonly Probe[] {
  const shared = consentUi ?? authz
  const ofEnvoy = [
    ...serviceProbes((shared ?? envoy)?.services ?? [], envoy?.trustedCa),
    envoyProbe(environment),
  ]
  if (shared === undefined) return ofEnvoy
  const provider = consentUi?.credential.identityProvider
  return [
    redisProbe(shared),
    registryProbe(shared.registryUrl),
    ...(provider === undefined ? [] : [identityProviderProbe(provider, shared.origin)]),
    ...ofEnvoy,
  ]
}

/** The worst first. */
function show(findings: readonly Finding[]): string {
  const rows = LEVELS.flatMap((level) => findings.filter((each) => each.level === level)).map(row)
  const counts = LEVELS.map((level) => `${findings.filter((each) => each.level === level).length} ${level}`)
  return [...rows, counts.join(', ')].join('\n')
}

function row({ level, part, text, fix }: Finding): string {
  const indent = ' '.repeat(LEVEL_WIDTH + 1)
  return `${level.padEnd(LEVEL_WIDTH)} ${part}: ${text}${fix === undefined ? '' : `\n${indent}fix: ${fix}`}`
}
