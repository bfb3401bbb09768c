import type { Given } from './parameter-values.ts'
import { PSEUDO_PARAMETERS } from './evaluate.ts'

/** Only what must be given. */
const MINIMAL: Given = {
  ConnectAllowedHosts: 'claude.ai,.benchling.com,cursor://,localhost',
  ConnectHost: 'quilt-connect.example.com',
  CertificateArnELB: 'arn:aws:acm:us-east-1:123456789012:certificate/elb',
  QuiltRegistryUrl: 'https://quilt-registry.example.com',
  VPC: 'vpc-0a1b2c3d',
  Subnets: 'subnet-private1,subnet-private2',
  PublicSubnets: 'subnet-public1,subnet-public2',
  ConnectSecretArn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:connect-AbCdEf',
  ConnectSecretVersion: 'a1b2c3d4-5678-90ab-cdef-EXAMPLE11111',
  ConnectPublicKeys: '{"keys":[]}',
  ImageTag: '1.0.0',
}

const EXISTING_STORE: Given = {
  RedisUrl: 'rediss://redis.example.com:6379',
  RedisMode: 'cluster',
  RedisUsername: 'connect',
  TasksSecurityGroup: 'sg-0a1b2c3d',
}

const IDENTITY_PROVIDER: Given = {
  OidcIssuer: 'https://login.example.com/oauth2/default',
  OidcClientId: 'connect',
}

const INTERNAL: Given = {
  PublicSubnets: '',
  UserSubnets: 'subnet-user1,subnet-user2',
  ConnectSecurityGroup: 'sg-0a1b2c3d4e5f60718',
  CertificateArnConnect: 'arn:aws:acm:us-east-1:123456789012:certificate/connect',
}

/** Every option of an internet-facing stack. */
const EVERYTHING: Given = {
  ...IDENTITY_PROVIDER,
  PlatformMcpUpstream: 'https://platform-mcp.example.com/mcp',
  DualStack: 'Enabled',
  HostedZoneId: 'Z0123456789ABC',
  WebAclArn: 'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/connect/1',
  AccessLogsBucket: 'connect-access-logs',
  TrustedHops: '2',
  DeletionProtection: 'Enabled',
  QuiltCredentialSource: 'exchange',
  TokenExchangeUrl: 'https://quilt-registry.example.com/api/token-exchange',
  TokenExchangeClientId: 'connect',
  SecretKmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/1',
  ImageAccountId: '210987654321',
  ImagePrefix: 'quiltdata/connect',
  TaskSize: 'large',
  ConnectStop: 'all',
  ConnectBlockedClients: '0123456789abcdef',
  ConnectOperatorKeys: `files:introspect:${'a1'.repeat(32)}`,
  EnterpriseClients: '[{"client_id":"https://assistant.example/client.json","access":"full"}]',
  EnterpriseIssuer: 'https://login.example.com',
  EnterpriseTenant: 'quilt-org',
  AdminPage: 'off',
  NoticeFrom: 'quilt@example.com',
  NoticeWebhook: 'on',
  ApiKeys: 'read',
  SessionMaxDays: '30',
  IssuerExplicitPort: 'Enabled',
  AuditLog: 'https://collector.example.com/connect',
  AlarmTopicArn: 'arn:aws:sns:us-east-1:123456789012:operators',
  TracesEndpoint: 'https://otlp.example.com',
}

/** Stacks as operators deploy them. */
export const PARAMETER_SETS = {
  minimal: MINIMAL,
  internal: { ...MINIMAL, ...INTERNAL },
  everything: { ...MINIMAL, ...EVERYTHING },
  'existing store': { ...MINIMAL, ...EXISTING_STORE },
  'identity provider and pasted codes': { ...MINIMAL, ...IDENTITY_PROVIDER, OidcEmailVerified: 'assumed' },
} satisfies Readonly<Record<string, Given>>

/** Of the partition aws-us-gov: every ARN that is given is of this partition. */
export const GOVCLOUD = {
  pseudo: { ...PSEUDO_PARAMETERS, 'AWS::Partition': 'aws-us-gov', 'AWS::Region': 'us-gov-west-1' },
  given: Object.fromEntries(
    Object.entries<string>(PARAMETER_SETS.everything).map(([name, value]) => [
      name,
      value.replace('arn:aws:', 'arn:aws-us-gov:').replace('us-east-1', 'us-gov-west-1'),
    ]),
  ),
}
