import { loadSync, type MethodDefinition, type Options, type ServiceDefinition } from '@grpc/proto-loader'

/** The name under which Envoy calls the service, and under which its health is asked for. */
export const AUTHORIZATION_SERVICE = 'envoy.service.auth.v3.Authorization'

/** The file that imports all the others. */
export const EXTERNAL_AUTH_PROTO = 'envoy/service/auth/v3/external_auth.proto'

export const EXTERNAL_PROCESSOR_SERVICE = 'envoy.service.ext_proc.v3.ExternalProcessor'
export const EXTERNAL_PROCESSOR_PROTO = 'envoy/service/ext_proc/v3/external_processor.proto'

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
  return loadService(EXTERNAL_AUTH_PROTO, AUTHORIZATION_SERVICE)
}

/** Envoy's ext_proc service. */
export function loadProcessor(): ServiceDefinition {
  return loadService(EXTERNAL_PROCESSOR_PROTO, EXTERNAL_PROCESSOR_SERVICE)
}

/** @throws Error where the service has no such method */
export function methodOf(service: ServiceDefinition, name: string): MethodDefinition<object, object> {
  const method = service[name]
  if (method === undefined) throw new Error(`the .proto files have no method ${name}`)
  return method
}

function loadService(file: string, name: string): ServiceDefinition {
  const definitions = loadSync(file, { ...LOADER_OPTIONS, includeDirs: [import.meta.dirname] })
  return definitions[name] as ServiceDefinition
}
