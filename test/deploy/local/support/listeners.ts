import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

interface Listener {
  readonly address: string
  readonly port: number
}

const LISTEN = '0A'

/** The TCP addresses where these processes listen (proc(5)). */
export function listenersOf(pids: readonly number[]): Listener[] {
  const inodes = new Set(pids.flatMap(socketsOf))
  return [...tableOf('tcp'), ...tableOf('tcp6')].filter(({ inode }) => inodes.has(inode))
}

/** Inodes of the sockets of a process. */
function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? []
    return inode === undefined ? [] : [inode]
  })
}

function tableOf(protocol: 'tcp' | 'tcp6'): (Listener & { readonly inode: string })[] {
  const [, ...rows] = readFileSync(`/proc/net/${protocol}`, 'utf8').trim().split('\n')
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/)
    const [address = '', port = ''] = local.split(':')
    return state === LISTEN ? [{ address: readable(address), port: parseInt(port, 16), inode }] : []
  })
}

/** The kernel prints an IPv4 address as one number, least significant byte first. */
function readable(address: string): string {
  if (address.length > 8) return address
  return Buffer.from(address, 'hex').reverse().join('.')
}
