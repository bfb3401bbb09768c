import { freePorts, portsFrom, requireFree } from '../../../../deploy/local/ports.ts'

/** The first of four ports in a row that are free now. */
export async function fourFreePorts(): Promise<number> {
  for (;;) {
    const { connect } = await freePorts()
    if (connect > 65_000) continue
    const free = await requireFree(portsFrom(connect)).then(
      () => true,
      () => false,
    )
    if (free) return connect
  }
}
