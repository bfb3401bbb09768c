import { z } from 'zod'
import { when, type Rule } from '../support/rule.ts'
import { propertiesOf, resourcesOf } from '../support/views.ts'

const replicationGroup = z.object({
  Engine: z.string(),
  NumCacheClusters: z.number(),
  AutomaticFailoverEnabled: z.boolean().optional(),
  MultiAZEnabled: z.boolean().optional(),
  TransitEncryptionEnabled: z.boolean().optional(),
  TransitEncryptionMode: z.string().optional(),
  AtRestEncryptionEnabled: z.boolean().optional(),
  AuthToken: z.string().optional(),
  CacheParameterGroupName: z.string().optional(),
})
const parameterGroup = z.object({ Properties: z.record(z.string(), z.string()) })

const AT_THE_STORE = 'Resources/Redis/Properties'

export const STORE_RULES: readonly Rule[] = [
  {
    title: 'creates a store with TLS, a password, a replica in another zone, and without eviction',
    problems: (stack) => {
      const groups = new Map(
        propertiesOf(stack, 'AWS::ElastiCache::ParameterGroup', parameterGroup).map(
          ([name, { Properties }]) => [`<${name}>`, Properties['maxmemory-policy']],
        ),
      )
      return propertiesOf(stack, 'AWS::ElastiCache::ReplicationGroup', replicationGroup).flatMap(
        ([, store]) =>
          when(
            [store.Engine !== 'valkey', store.Engine],
            [store.TransitEncryptionEnabled !== true, 'no TLS'],
            [store.TransitEncryptionMode !== 'required', 'accepts connections without TLS'],
            [store.AtRestEncryptionEnabled !== true, 'not encrypted at rest'],
            [!/^\{\{resolve:secretsmanager:<\w+>:/.test(store.AuthToken ?? ''), 'no password from a secret'],
            [store.NumCacheClusters < 2, 'no replica'],
            [
              store.AutomaticFailoverEnabled !== true || store.MultiAZEnabled !== true,
              'no failover to another zone',
            ],
            [groups.get(store.CacheParameterGroupName ?? '') !== 'noeviction', 'sessions may be evicted'],
          ),
      )
    },
    mutants: [
      { what: 'no TLS', at: `${AT_THE_STORE}/TransitEncryptionEnabled`, to: false },
      { what: 'TLS is optional', at: `${AT_THE_STORE}/TransitEncryptionMode`, to: 'preferred' },
      { what: 'not encrypted at rest', at: `${AT_THE_STORE}/AtRestEncryptionEnabled`, to: false },
      { what: 'no password', at: `${AT_THE_STORE}/AuthToken`, to: undefined },
      { what: 'a password in the template', at: `${AT_THE_STORE}/AuthToken`, to: 'a password of sixteen' },
      { what: 'one node', at: `${AT_THE_STORE}/NumCacheClusters`, to: 1 },
      { what: 'one zone', at: `${AT_THE_STORE}/MultiAZEnabled`, to: false },
      {
        what: 'eviction',
        at: 'Resources/RedisParameterGroup/Properties/Properties/maxmemory-policy',
        to: 'volatile-lru',
      },
      { what: 'the parameters of AWS', at: `${AT_THE_STORE}/CacheParameterGroupName`, to: undefined },
    ],
  },
  {
    title: 'keeps a snapshot when the store is deleted',
    problems: (stack) =>
      resourcesOf(stack, 'AWS::ElastiCache::ReplicationGroup')
        .filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'Snapshot')
        .map(([name]) => name),
    mutants: [{ what: 'no snapshot', at: 'Resources/Redis/DeletionPolicy', to: undefined }],
  },
]
