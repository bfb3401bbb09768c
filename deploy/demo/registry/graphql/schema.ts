import { buildSchema } from 'graphql'

/** The part of the documented schema that Connect, its services and the catalog's account pages query. */
export const SCHEMA = buildSchema(`
  scalar Datetime
  scalar JsonRecord

  type Query {
    me: Me
    "Of the active role."
    buckets: [Bucket!]!
    "Like buckets, with more fields; all buckets of the stack for admins."
    bucketConfigs: [BucketConfig!]!
    bucketConfig(name: String!): BucketConfig
  }

  type Me {
    name: String!
    email: String!
    isAdmin: Boolean!
    "The active one."
    role: MyRole!
    roles: [MyRole!]!
    apiKeys(name: String, fingerprint: String, status: APIKeyStatus): [APIKey!]!
    apiKey(id: ID!): APIKey
  }

  type MyRole {
    name: String!
  }

  type Bucket {
    name: String!
    title: String!
  }

  type BucketConfig {
    name: String!
    title: String!
    iconUrl: String
    description: String
    tags: [String!]
    relevanceScore: Int!
    browsable: Boolean!
    tabulatorTables: [TabulatorTable!]!
  }

  type TabulatorTable {
    name: String!
    config: String!
  }

  enum APIKeyStatus {
    ACTIVE
    EXPIRED
  }

  type APIKey {
    id: ID!
    name: String!
    fingerprint: String!
    createdAt: Datetime!
    expiresAt: Datetime!
    lastUsedAt: Datetime
    userEmail: String!
    status: APIKeyStatus!
  }

  type Mutation {
    switchRole(roleName: String!): SwitchRoleResult!
    apiKeyCreate(input: APIKeyCreateInput!): APIKeyCreateResult!
    "Names a key by its id or by its secret."
    apiKeyRevoke(id: ID, secret: String): APIKeyRevokeResult!
    bucketSetTabulatorTable(
      bucketName: String!
      tableName: String!
      config: String
    ): BucketSetTabulatorTableResult!
    bucketRenameTabulatorTable(
      bucketName: String!
      tableName: String!
      newTableName: String!
    ): BucketSetTabulatorTableResult!
  }

  input APIKeyCreateInput {
    name: String!
    expiresInDays: Int! = 90
  }

  type APIKeyCreated {
    apiKey: APIKey!
    secret: String!
  }

  type Ok {
    _: Boolean
  }

  type InvalidInput {
    errors: [InputError!]!
  }

  type InputError {
    path: String
    name: String!
    message: String!
    context: JsonRecord
  }

  type OperationError {
    name: String!
    message: String!
    context: JsonRecord
  }

  union SwitchRoleResult = Me | InvalidInput | OperationError
  union APIKeyCreateResult = APIKeyCreated | InvalidInput
  union APIKeyRevokeResult = Ok | InvalidInput
  union BucketSetTabulatorTableResult = BucketConfig | InvalidInput | OperationError
`)
