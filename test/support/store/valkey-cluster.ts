import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { StoreSettings } from '../../../core/store/store-settings.ts'
import { caughtUp } from './caught-up.ts'
import { closeAfterAll } from '../close-after-all.ts'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { until } from '../until.ts'
import { killValkey, launchValkey } from './valkey-process.ts'

const SLOTS = 16_384
/** Of its debug commands: what other masters publish is thrown away. */
const PUBLISH_PACKETS = '4'
const NO_PACKETS = '-1'

export interface ClusterNode {
  readonly port: number
  readonly redis: Redis
  pause(): void
  resume(): void
  /** Kills it, as in a crash. */
  kill(): Promise<void>
  /** Drops messages published at other nodes, until resumed. */
  setDeaf(deaf: boolean): Promise<void>
}

/** A real cluster of masters with an equal share each. */
export interface ValkeyCluster {
  readonly settings: StoreSettings
  readonly nodes: readonly ClusterNode[]
  /** One more node, which follows this master and takes over when it fails. */
  addReplica(of: ClusterNode): Promise<ClusterNode>
}

/** @param announcedPorts - where clients connect instead; each node's own port if absent */
export async function startValkeyCluster(
  count = 3,
  announcedPorts: readonly number[] = [],
): Promise<ValkeyCluster> {
  const ports = await freePorts(2 * count)
  const nodes = await Promise.all(
    ports.slice(0, count).map(async (port, index) => {
      const busPort = ports[count + index] ?? 0
      return await startNode({ port, busPort, announcedPort: announcedPorts[index] ?? port })
    }),
  )
  await form(nodes)
  const [first = '', ...others] = nodes.map(({ port }) => `redis://127.0.0.1:${port}`)
  return {
    settings: { mode: 'cluster', urls: [first, ...others] },
    nodes,
    addReplica: async (of) => {
      const [port = 0, busPort = 0] = await freePorts(2)
      const replica = await startNode({ port, busPort, announcedPort: port })
      await follow(replica, of)
      return replica
    },
  }
}

interface Ports {
  readonly port: number
  readonly busPort: number
  readonly announcedPort: number
}

async function startNode({ port, busPort, announcedPort }: Ports): Promise<ClusterNode & Ports> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-valkey-'))
  const child = await launchValkey({
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    'cluster-enabled': 'yes',
    'cluster-config-file': 'nodes.conf',
    'cluster-node-timeout': '2000',
    'cluster-port': String(busPort),
    'cluster-announce-ip': '127.0.0.1',
    'cluster-announce-port': String(announcedPort),
    'enable-debug-command': 'local',
    'repl-diskless-sync-delay': '0',
  })
  const redis = new Redis(port, '127.0.0.1')
  closeAfterAll(async () => {
    redis.disconnect()
    await killValkey(child)
    await rm(folder, { recursive: true })
  })
  return {
    port,
    busPort,
    announcedPort,
    redis,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: async () => {
      redis.disconnect()
      await killValkey(child)
    },
    setDeaf: async (deaf) => {
      await redis.call('DEBUG', 'DROP-CLUSTER-PACKET-FILTER', deaf ? PUBLISH_PACKETS : NO_PACKETS)
    },
  }
}

async function follow(replica: ClusterNode & Ports, master: ClusterNode): Promise<void> {
  await master.redis.call('CLUSTER', 'MEET', '127.0.0.1', String(replica.port), String(replica.busPort))
  const id = await master.redis.cluster('MYID')
  const asTold = (): Promise<boolean> =>
    replica.redis.call('CLUSTER', 'REPLICATE', id).then(
      () => true,
      () => false,
    )
  await until(asTold, 'the replica to know its master')
  await master.redis.flushall()
  await caughtUp(master.redis)
}

async function form(nodes: readonly (ClusterNode & Ports)[]): Promise<void> {
  const share = Math.ceil(SLOTS / nodes.length)
  const [first, ...others] = nodes
  await Promise.all(
    nodes.map(async ({ redis }, index) => {
      const last = Math.min((index + 1) * share, SLOTS) - 1
      await redis.call('CLUSTER', 'ADDSLOTSRANGE', String(index * share), String(last))
      // Before they meet: two nodes of one epoch would have to settle whose slots are whose.
      await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))
    }),
  )
  for (const { port, busPort } of others) {
    await first?.redis.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPort))
  }
  const knowEachOther = async ({ redis }: ClusterNode): Promise<boolean> => {
    const info = await redis.cluster('INFO')
    return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`)
  }
  await until(async () => (await Promise.all(nodes.map(knowEachOther))).every(Boolean), 'the cluster to form')
}
