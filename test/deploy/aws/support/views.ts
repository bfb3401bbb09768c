import { z } from 'zod'
import type { Resource, Stack } from './evaluate.ts'

const named = z.object({ Name: z.string() })
const container = named.extend({
  Image: z.string(),
  User: z.string().optional(),
  ReadonlyRootFilesystem: z.boolean().optional(),
  Privileged: z.boolean().optional(),
  LinuxParameters: z
    .object({
      InitProcessEnabled: z.boolean().optional(),
      Capabilities: z
        .object({ Add: z.array(z.string()).optional(), Drop: z.array(z.string()).optional() })
        .optional(),
    })
    .optional(),
  MountPoints: z.array(
    z.object({ SourceVolume: z.string(), ContainerPath: z.string(), ReadOnly: z.boolean().optional() }),
  ),
  PortMappings: z.array(z.object({ ContainerPort: z.number() })).default([]),
  DependsOn: z.array(z.object({ ContainerName: z.string(), Condition: z.string() })).default([]),
  StopTimeout: z.number().optional(),
  Ulimits: z.array(named.extend({ SoftLimit: z.number() })).default([]),
  HealthCheck: z.object({ Command: z.array(z.string()) }).optional(),
  Environment: z.array(named.extend({ Value: z.coerce.string() })).default([]),
  Secrets: z.array(named.extend({ ValueFrom: z.string() })).default([]),
})

export type Container = z.output<typeof container>

const task = z.object({
  TaskRoleArn: z.string().optional(),
  Volumes: z.array(named),
  ContainerDefinitions: z.array(container),
})

export function resourcesOf(stack: Stack, type: string): (readonly [name: string, resource: Resource])[] {
  return Object.entries(stack.resources).filter(([, { Type }]) => Type === type)
}

/** The properties of every resource of a type, read by a schema. */
export function propertiesOf<Schema extends z.ZodType>(
  stack: Stack,
  type: string,
  schema: Schema,
): (readonly [name: string, properties: z.output<Schema>])[] {
  return resourcesOf(stack, type).map(([name, { Properties }]) => [name, schema.parse(Properties)] as const)
}

export function taskOf(stack: Stack): z.output<typeof task> {
  const [first] = propertiesOf(stack, 'AWS::ECS::TaskDefinition', task)
  if (first === undefined) throw new Error('the stack has no task definition')
  return first[1]
}

export function containerOf(stack: Stack, name: string): Container {
  const found = taskOf(stack).ContainerDefinitions.find((each) => each.Name === name)
  if (found === undefined) throw new Error(`the task has no container ${name}`)
  return found
}

/** Variables of a container, with the values that a parameter of Systems Manager has. */
export function environmentOf(stack: Stack, { Environment: variables }: Container): Record<string, string> {
  const parameters = new Map(
    propertiesOf(stack, 'AWS::SSM::Parameter', z.object({ Value: z.string() })).map(([name, { Value }]) => [
      `<${name}.Value>`,
      Value,
    ]),
  )
  return Object.fromEntries(variables.map(({ Name, Value }) => [Name, parameters.get(Value) ?? Value]))
}

const attributes = z
  .array(z.object({ Key: z.string(), Value: z.string() }))
  .transform((list): Readonly<Record<string, string>> =>
    Object.fromEntries(list.map(({ Key, Value }) => [Key, Value])),
  )

export const loadBalancer = z.object({
  Scheme: z.string(),
  IpAddressType: z.string(),
  Subnets: z.array(z.string()),
  SecurityGroups: z.array(z.string()),
  LoadBalancerAttributes: attributes,
})
export const targetGroup = z.object({
  Port: z.number(),
  HealthCheckPath: z.string(),
  HealthCheckIntervalSeconds: z.number(),
  HealthCheckTimeoutSeconds: z.number(),
  UnhealthyThresholdCount: z.number(),
  TargetGroupAttributes: attributes,
})
