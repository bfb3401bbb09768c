import { ChainVerifier, type Verification } from '../../../../core/audit/verify-chains.ts'
import type { KeyRing } from '../../../../core/keys/keys.ts'

/** Keeps lines in memory; fails as often as it is told. */
export class ManualWriter {
  readonly lines: string[] = []
  failures = 0

  write(lines: readonly string[]): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1
      return Promise.reject(new Error('ENOSPC: no space left on device'))
    }
    this.lines.push(...lines)
    return Promise.resolve()
  }

  /** Names of the events without their prefix. */
  names(): string[] {
    return this.lines.map((line) =>
      (JSON.parse(line) as { eventName: string }).eventName.replace('Connect.', ''),
    )
  }
}

export function verify(keys: KeyRing, lines: readonly string[], isPartial = false): Verification {
  const verifier = new ChainVerifier({ keys, isPartial })
  lines.forEach((line, index) => verifier.read(line, { file: 'audit.log', lineNumber: index + 1 }))
  return verifier.result()
}
