import { when, type Rule } from '../support/rule.ts'
import { taskOf, type Container } from '../support/views.ts'

/** Users and groups of the images; the group is shared so that Envoy may use the sockets of the two. */
const USERS: Readonly<Record<string, string>> = {
  authz: '1001:1000',
  'consent-ui': '1002:1000',
  envoy: '1003:1000',
}
/** What each container may write, and what it may only see. */
const MOUNTS: Readonly<Record<string, readonly string[]>> = {
  authz: ['authz /run/authz'],
  'consent-ui': ['consent-ui /run/consent-ui'],
  envoy: ['authz /run/authz read-only', 'consent-ui /run/consent-ui read-only', 'envoy /run/envoy'],
}
/** Healthy means: was ready once. A failure of the store must not restart tasks. */
const HEALTH_CHECKS: Readonly<Record<string, string>> = {
  authz: 'grpc /run/authz/authz.sock started',
  'consent-ui': 'http /run/consent-ui/consent-ui.sock /healthz',
  envoy: 'http /run/envoy/admin.sock /ready',
}
const HEALTH_CHECK = 'CMD node deploy/container/health-check.ts'
/** Fargate kills a container after that. */
const MAX_STOP_SECONDS = 120
const MIN_OPEN_FILES = 65_536

const AT_THE_CONTAINERS = 'Resources/ConnectTaskDefinition/Properties/ContainerDefinitions'

function mountsOf({ MountPoints: mounts }: Container): string[] {
  return mounts.map(
    ({ SourceVolume: volume, ContainerPath: path, ReadOnly: isReadOnly }) =>
      `${volume} ${path}${isReadOnly === true ? ' read-only' : ''}`,
  )
}

export const CONTAINER_RULES: readonly Rule[] = [
  {
    title: 'runs each container as its own user, without a writable root, privilege or capability',
    problems: (stack) =>
      taskOf(stack).ContainerDefinitions.flatMap((container) => {
        const { Name: name, LinuxParameters: linux } = container
        const { Add: added = [], Drop: dropped = [] } = linux?.Capabilities ?? {}
        return when(
          [container.User !== USERS[name], `${name}: user ${container.User}`],
          [container.ReadonlyRootFilesystem !== true, `${name}: writable root`],
          [container.Privileged === true, `${name}: privileged`],
          [added.length > 0 || dropped.join() !== 'ALL', `${name}: capabilities`],
          [linux?.InitProcessEnabled !== true, `${name}: no process reaps children`],
        )
      }),
    mutants: [
      { what: 'root', at: `${AT_THE_CONTAINERS}/authz/User`, to: undefined },
      { what: 'the user of another container', at: `${AT_THE_CONTAINERS}/consent-ui/User`, to: '1001:1000' },
      { what: 'a writable root', at: `${AT_THE_CONTAINERS}/envoy/ReadonlyRootFilesystem`, to: false },
      { what: 'privileged', at: `${AT_THE_CONTAINERS}/envoy/Privileged`, to: true },
      {
        what: 'default capabilities',
        at: `${AT_THE_CONTAINERS}/authz/LinuxParameters/Capabilities`,
        to: undefined,
      },
      {
        what: 'an added capability',
        at: `${AT_THE_CONTAINERS}/authz/LinuxParameters/Capabilities/Add`,
        to: ['SYS_PTRACE'],
      },
      {
        what: 'no init process',
        at: `${AT_THE_CONTAINERS}/authz/LinuxParameters/InitProcessEnabled`,
        to: undefined,
      },
    ],
  },
  {
    title: 'mounts the socket folders so that only Envoy sees those of the others, read-only',
    problems: (stack) => {
      const { Volumes: volumes, ContainerDefinitions: containers } = taskOf(stack)
      const declared = new Set(volumes.map(({ Name }) => Name))
      return containers.flatMap((container) => {
        const { Name: name, MountPoints: mounts } = container
        const mounted = mountsOf(container)
        return [
          ...when([mounted.join() !== MOUNTS[name]?.join(), `${name}: ${mounted.join()}`]),
          ...mounts
            .filter(({ SourceVolume }) => !declared.has(SourceVolume))
            .map((mount) => mount.SourceVolume),
        ]
      })
    },
    mutants: [
      {
        what: 'consent-ui sees the socket of authz',
        at: `${AT_THE_CONTAINERS}/consent-ui/MountPoints/0`,
        to: { SourceVolume: 'authz', ContainerPath: '/run/authz' },
      },
      {
        what: 'Envoy may replace a socket',
        at: `${AT_THE_CONTAINERS}/envoy/MountPoints/0/ReadOnly`,
        to: false,
      },
      {
        what: 'an unknown volume',
        at: 'Resources/ConnectTaskDefinition/Properties/Volumes/envoy',
        to: undefined,
      },
    ],
  },
  {
    title: 'starts Envoy when every other container is healthy, and so stops it first',
    problems: (stack) => {
      const { ContainerDefinitions: containers } = taskOf(stack)
      return containers.flatMap(({ Name: name, DependsOn: needs, HealthCheck: check }) => {
        const others = name === 'envoy' ? ['authz HEALTHY', 'consent-ui HEALTHY'] : []
        const named = needs.map(({ ContainerName, Condition }) => `${ContainerName} ${Condition}`)
        const command = check?.Command.join(' ')
        return when(
          [named.join() !== others.join(), `${name} waits for ${named.join()}`],
          [command !== `${HEALTH_CHECK} ${HEALTH_CHECKS[name]}`, `${name}: health check ${command}`],
        )
      })
    },
    mutants: [
      { what: 'a chain instead of both', at: `${AT_THE_CONTAINERS}/envoy/DependsOn/authz`, to: undefined },
      {
        what: 'a misspelt container',
        at: `${AT_THE_CONTAINERS}/envoy/DependsOn/authz/ContainerName`,
        to: 'auhtz',
      },
      { what: 'started is enough', at: `${AT_THE_CONTAINERS}/envoy/DependsOn/authz/Condition`, to: 'START' },
      { what: 'HEALTHY without a health check', at: `${AT_THE_CONTAINERS}/authz/HealthCheck`, to: undefined },
      {
        what: 'restarts while the store is down',
        at: `${AT_THE_CONTAINERS}/authz/HealthCheck/Command/5`,
        to: 'ready',
      },
    ],
  },
  {
    title: 'gives every container a time to stop that Fargate has, and enough open files',
    problems: (stack) =>
      taskOf(stack).ContainerDefinitions.flatMap(({ Name: name, StopTimeout: stop, Ulimits: limits }) => {
        const files = limits.find((limit) => limit.Name === 'nofile')?.SoftLimit ?? 0
        return when(
          [stop === undefined || stop > MAX_STOP_SECONDS, `${name}: ${stop} s to stop`],
          [files < MIN_OPEN_FILES, `${name}: ${files} open files`],
        )
      }),
    mutants: [
      { what: 'a longer time', at: `${AT_THE_CONTAINERS}/envoy/StopTimeout`, to: 300 },
      { what: 'the default of 30 s', at: `${AT_THE_CONTAINERS}/envoy/StopTimeout`, to: undefined },
      { what: 'the default of 1024 files', at: `${AT_THE_CONTAINERS}/envoy/Ulimits`, to: undefined },
    ],
  },
]
