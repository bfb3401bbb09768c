import { readFileSync } from 'node:fs'
import { when, type Rule } from '../support/rule.ts'
import { taskOf } from '../support/views.ts'

/** Variables that docs/configuration.md calls secret. */
const SECRET_VARIABLES = new Set(
  [
    ...readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8').matchAll(
      /^\| `(\w+)` .*\| Secret\. /gm,
    ),
  ].map(([, name]) => name),
)
/** Only consent-ui may sign. */
const SIGNING_KEYS = 'CONNECT_SIGNING_KEYS'
/** A secret, its member, no stage, and its version: `arn:…:secret:name:member::version`. */
const BY_VERSION = /^arn:[^:]+:secretsmanager:[^:]+:\d+:secret:[^:]+:\w+::[-\w]{32,64}$/
/** The generated password of the store, whose version the operator knows only after a rotation. */
const GENERATED = /^<RedisAuth>:password::$/

const AT_CONSENT_UI = 'Resources/ConnectTaskDefinition/Properties/ContainerDefinitions/consent-ui'
const AT_AUTHZ = 'Resources/ConnectTaskDefinition/Properties/ContainerDefinitions/authz'

export const SECRET_RULES: readonly Rule[] = [
  {
    title: 'gives containers each secret by its reference and version, never in plain text',
    problems: (stack) =>
      taskOf(stack).ContainerDefinitions.flatMap(
        ({ Name: name, Environment: variables, Secrets: secrets }) => [
          ...variables
            .filter((each) => SECRET_VARIABLES.has(each.Name))
            .map((each) => `${name}: plain ${each.Name}`),
          ...secrets
            .filter(({ ValueFrom: from }) => !BY_VERSION.test(from) && !GENERATED.test(from))
            .map((each) => `${name}: ${each.Name} from ${each.ValueFrom}`),
          ...when([
            name !== 'consent-ui' && secrets.some((each) => each.Name === SIGNING_KEYS),
            `${name} has the signing keys`,
          ]),
        ],
      ),
    mutants: [
      {
        what: 'a secret in the environment',
        at: `${AT_CONSENT_UI}/Environment/OIDC_ISSUER`,
        to: { Name: 'OIDC_CLIENT_SECRET', Value: 'a client secret' },
      },
      {
        what: 'a secret without version',
        at: `${AT_AUTHZ}/Secrets/CONNECT_SEALING_KEYS/ValueFrom`,
        to: { 'Fn::Sub': '${ConnectSecretArn}:sealing::' },
      },
      {
        what: 'signing keys for authz',
        at: `${AT_AUTHZ}/Secrets/CONNECT_SEALING_KEYS`,
        to: {
          Name: SIGNING_KEYS,
          ValueFrom: { 'Fn::Sub': '${ConnectSecretArn}:signing::${ConnectSecretVersion}' },
        },
      },
    ],
  },
  {
    title: 'takes no secret as a parameter',
    problems: (_stack, { Parameters: parameters }) =>
      Object.keys(parameters).filter(
        (name) => /secret|password|token/i.test(name) && !/(Arn|Version|Url|Id)$/.test(name),
      ),
    mutants: [{ what: 'a password', at: 'Parameters/RedisPassword', to: { Type: 'String', Default: '' } }],
  },
]
