import { loadSync, type Options, type ServiceDefinition } from '@grpc/proto-loader'

/** The name under which Envoy calls the service, and under which its health is asked for. */
export const AUTHORIZATION_SERVICE = 'envoy.service.auth.v3.Authorization'

/** The file that imports all the others. */
export const EXTERNAL_AUTH_PROTO = 'envoy/service/auth/v3/external_auth.proto'

/** Names as in the .proto files, numbers as numbers, and nothing invented for what was not sent. */
export const LOADER_OPTIONS: Options = {
  keepCase: true,
  longs: Number,
  enums: Number,
  defaults: false,
  oneofs: true,
}

/** Envoy's ext_authz service, as grpc-js wants it. Reads the .proto files beside this one. */
export function loadAuthorization(): ServiceDefinition {
  const definitions = loadSync(EXTERNAL_AUTH_PROTO, {
    ...LOADER_OPTIONS,
    includeDirs: [import.meta.dirname],
  })
  return definitions[AUTHORIZATION_SERVICE] as ServiceDefinition
}
