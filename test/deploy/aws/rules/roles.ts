import { z } from 'zod'
import { when, type Rule } from '../support/rule.ts'
import { propertiesOf, taskOf } from '../support/views.ts'

const texts = z.union([z.string().transform((text) => [text]), z.array(z.string())])
const statement = z.object({
  Effect: z.string(),
  Action: texts.optional(),
  NotAction: z.unknown().optional(),
  Resource: texts.optional(),
})
const role = z.object({
  ManagedPolicyArns: z.array(z.string()).default([]),
  AssumeRolePolicyDocument: z.object({
    Statement: z.array(
      z.object({ Principal: z.object({ Service: z.string() }), Condition: z.unknown().optional() }),
    ),
  }),
  Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(statement) }) })),
})
/** IAM knows no resource for them. */
const WITHOUT_RESOURCE = new Set(['ecr:GetAuthorizationToken'])

const AT_THE_ROLE = 'Resources/ConnectExecutionRole/Properties'
const AT_THE_SECRETS = `${AT_THE_ROLE}/Policies/secrets/PolicyDocument/Statement/0`

export const ROLE_RULES: readonly Rule[] = [
  {
    title: 'allows named actions on named resources only, for ECS of this account',
    problems: (stack) =>
      propertiesOf(stack, 'AWS::IAM::Role', role).flatMap(([, properties]) => [
        ...properties.ManagedPolicyArns,
        ...properties.Policies.flatMap(({ PolicyDocument: { Statement: statements } }) =>
          statements.flatMap(({ Action: actions = [], NotAction: others, Resource: resources = [] }) =>
            when(
              [actions.length === 0 || others !== undefined, 'every action but some'],
              [actions.some((action) => action.includes('*')), `actions ${actions.join()}`],
              [
                resources.some((resource) => resource.includes('*')) &&
                  !actions.every((action) => WITHOUT_RESOURCE.has(action)),
                `${actions.join()} on ${resources.join()}`,
              ],
            ),
          ),
        ),
        ...properties.AssumeRolePolicyDocument.Statement.flatMap(({ Principal: { Service }, Condition }) =>
          when([
            Service !== 'ecs-tasks.amazonaws.com' ||
              !JSON.stringify(Condition ?? '').includes('123456789012'),
            `${Service} of any account may use the role`,
          ]),
        ),
      ]),
    mutants: [
      { what: 'every action of a service', at: `${AT_THE_SECRETS}/Action`, to: 'secretsmanager:*' },
      { what: 'every secret', at: `${AT_THE_SECRETS}/Resource`, to: '*' },
      {
        what: 'every repository',
        at: `${AT_THE_ROLE}/Policies/images/PolicyDocument/Statement/0/Resource/0`,
        to: { 'Fn::Sub': 'arn:${AWS::Partition}:ecr:*:*:repository/${ImagePrefix}/authz' },
      },
      {
        what: 'a policy of AWS',
        at: `${AT_THE_ROLE}/ManagedPolicyArns`,
        to: [
          {
            'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy',
          },
        ],
      },
      {
        what: 'every account',
        at: `${AT_THE_ROLE}/AssumeRolePolicyDocument/Statement/0/Condition`,
        to: undefined,
      },
    ],
  },
  {
    title: 'gives the containers no role',
    problems: (stack) => when([taskOf(stack).TaskRoleArn !== undefined, 'the task has a role']),
    mutants: [
      {
        what: 'a role',
        at: 'Resources/ConnectTaskDefinition/Properties/TaskRoleArn',
        to: { 'Fn::GetAtt': ['ConnectExecutionRole', 'Arn'] },
      },
    ],
  },
]
