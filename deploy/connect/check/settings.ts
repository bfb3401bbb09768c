import { isDeepStrictEqual } from 'node:util'
import { readConfig as readAuthz, type Config as AuthzConfig } from '../../../authz/config.ts'
import {
  readConfig as readConsentUi,
  type Config as ConsentUiConfig,
} from '../../../consent-ui/config/config.ts'
import { publicKeySet } from '../../../consent-ui/keys/signing-keys.ts'
import { ConfigurationError, type Environment } from '../../../core/config/environment.ts'
import { isSet } from '../../../core/config/secret-variables.ts'
import { readConfig as readEnvoy, type EdgeConfig } from '../../../envoy/config.ts'
import { aboutPart, type Finding } from './finding.ts'

/** Of the processes whose variables are set and right. */
export interface Settings {
  readonly authz: AuthzConfig | undefined
  readonly consentUi: ConsentUiConfig | undefined
  readonly envoy: EdgeConfig | undefined
}

const FIX = 'docs/configuration.md has each variable with its form'

/** Reads the variables of each process by its own schema. A process that has none of its own here is skipped. */
export function readSettings(environment: Environment): {
  readonly settings: Settings
  readonly findings: readonly Finding[]
} {
  const findings: Finding[] = []
  function read<Config>(
    part: string,
    own: string,
    readConfig: (from: Environment) => Config,
  ): Config | undefined {
    const { ok, fault, skipped } = aboutPart('configuration')
    if (!isSet(own, environment)) {
      findings.push(skipped(`${part}: ${own} is not set here, so run check in its environment too`))
      return undefined
    }
    try {
      const config = readConfig(environment)
      findings.push(ok(`${part}: every variable is right`))
      return config
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      findings.push(...error.problems.map((problem) => fault(`${part}: ${problem}`, FIX)))
      return undefined
    }
  }
  const settings = {
    authz: read('authz', 'CONNECT_PUBLIC_KEYS', readAuthz),
    consentUi: read('consent-ui', 'CONNECT_SIGNING_KEYS', readConsentUi),
    envoy: read('Envoy', 'ENVOY_LISTEN', readEnvoy),
  }
  return { settings, findings: [...findings, ...agreement(settings)] }
}

/** authz must know every key that consent-ui signs with. */
function agreement({ authz, consentUi }: Settings): Finding[] {
  if (authz === undefined || consentUi === undefined) return []
  const { ok, fault } = aboutPart('configuration')
  const known = authz.publicKeys.keys
  const { id } = consentUi.signingKeys.current
  const signing = publicKeySet(consentUi.signingKeys).keys.find(({ kid }) => kid === id)
  const inAuthz = known.find(({ kid }) => kid === id)
  const isKnown = inAuthz !== undefined && isDeepStrictEqual([inAuthz.x, inAuthz.y], [signing?.x, signing?.y])
  return [
    isKnown
      ? ok(`authz knows the signing key ${id} of consent-ui`)
      : fault(
          `CONNECT_PUBLIC_KEYS lacks the key ${id}, with which consent-ui signs: every request would get 503`,
          'give authz the output of "connect keys public"',
        ),
  ]
}
