import { freePort } from '../../deploy/local/ports.ts'

/** So many different ports of this machine that are free now, for servers that have to be told theirs. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}
