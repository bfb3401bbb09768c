import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader'
import { EXTERNAL_AUTH_PROTO, EXTERNAL_PROCESSOR_PROTO, LOADER_OPTIONS } from '../../proto/load.ts'

/** One field, by all that its bytes depend on. */
interface Field {
  readonly number: number
  /** Of google.protobuf.FieldDescriptorProto.Type, and .Label. */
  readonly type: number
  readonly label: number
  readonly typeName: string | undefined
  readonly oneof: string | undefined
  /** Whether the message that it repeats is the entry of a map. */
  readonly isMap: boolean
}

export interface Schema {
  readonly definitions: PackageDefinition
  readonly messages: ReadonlyMap<string, ReadonlyMap<string, Field>>
  readonly enums: ReadonlyMap<string, ReadonlyMap<string, number>>
}

// Of google/protobuf/descriptor.proto, in the spelling of protobuf.js's own copy.
interface MessageDescriptor {
  readonly name: string
  readonly field?: readonly {
    readonly name: string
    readonly number: number
    readonly type: number
    readonly label: number
    readonly typeName?: string
    readonly oneofIndex?: number
  }[]
  readonly oneofDecl?: readonly { readonly name: string }[]
  readonly nestedType?: readonly MessageDescriptor[]
  readonly options?: { readonly mapEntry?: boolean }
}
interface EnumDescriptor {
  readonly name: string
  readonly value?: readonly { readonly name: string; readonly number?: number }[]
}
interface FileDescriptor {
  readonly package: string
  readonly messageType?: readonly MessageDescriptor[]
  readonly enumType?: readonly EnumDescriptor[]
}

/** The schema that this project wrote. */
export function ourSchema(): Schema {
  return loadSchema([join(import.meta.dirname, '../../proto')])
}

/** Envoy's own, in full, as @grpc/grpc-js-xds ships it. */
export function envoySchema(): Schema {
  const deps = join(dirname(fileURLToPath(import.meta.resolve('@grpc/grpc-js-xds/package.json'))), 'deps')
  return loadSchema(['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map((name) => join(deps, name)))
}

function loadSchema(includeDirs: string[]): Schema {
  const roots = [EXTERNAL_AUTH_PROTO, EXTERNAL_PROCESSOR_PROTO]
  const definitions = loadSync(roots, { ...LOADER_OPTIONS, includeDirs })
  const files = filesOf(definitions)
  const found = files.flatMap((file) => (file.messageType ?? []).flatMap((one) => within(file.package, one)))
  const enums = new Map(
    files.flatMap((file) => (file.enumType ?? []).map((one) => enumOf(file.package, one))),
  )
  const names = new Set([...found.map(([name]) => name), ...enums.keys()])
  const messages = new Map(found.map(([name, message]) => [name, fieldsOf(name, message, names)]))
  return { definitions, messages, enums }
}

function enumOf(scope: string, { name, value }: EnumDescriptor): [string, ReadonlyMap<string, number>] {
  return [`${scope}.${name}`, new Map((value ?? []).map((one) => [one.name, one.number ?? 0]))]
}

function filesOf(definitions: PackageDefinition): FileDescriptor[] {
  const descriptors = loadSync('google/protobuf/descriptor.proto', LOADER_OPTIONS)
  const file = messageNamed(descriptors, 'google.protobuf.FileDescriptorProto')
  const { fileDescriptorProtos } = messageNamed(definitions, 'envoy.service.auth.v3.CheckRequest')
  return fileDescriptorProtos.map((bytes) => file.deserialize(bytes) as FileDescriptor)
}

/** A message of a schema, to write and read it. */
export function messageNamed(
  definitions: PackageDefinition,
  name: string,
): MessageTypeDefinition<object, object> {
  return definitions[name] as MessageTypeDefinition<object, object>
}

/** A message and those inside it, by their full names. */
function within(scope: string, message: MessageDescriptor): (readonly [string, MessageDescriptor])[] {
  const name = `${scope}.${message.name}`
  return [[name, message], ...(message.nestedType ?? []).flatMap((nested) => within(name, nested))]
}

function fieldsOf(
  scope: string,
  message: MessageDescriptor,
  names: ReadonlySet<string>,
): ReadonlyMap<string, Field> {
  return new Map(
    (message.field ?? []).map((field) => {
      const { number, type, label, typeName, oneofIndex } = field
      const entry = message.nestedType?.find(({ name }) => name === typeName)
      const oneof = oneofIndex === undefined ? undefined : message.oneofDecl?.[oneofIndex]?.name
      const isMap = entry?.options?.mapEntry === true
      return [field.name, { number, type, label, typeName: fullName(scope, typeName, names), oneof, isMap }]
    }),
  )
}

/** protobuf.js shortens names as far as they are unambiguous: the innermost scope that has one counts. */
function fullName(scope: string, name: string | undefined, names: ReadonlySet<string>): string | undefined {
  if (name === undefined || names.has(`${scope}.${name}`)) return name && `${scope}.${name}`
  const outer = scope.lastIndexOf('.')
  return outer < 0 ? name : fullName(scope.slice(0, outer), name, names)
}
