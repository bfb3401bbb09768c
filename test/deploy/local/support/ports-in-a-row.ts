import { freePorts, portsFrom, requireFree } from '../../../../deploy/local/ports.ts'

/** The first of five ports in a row that are free now. */
export async function portsInARow(): Promise<number> {
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
