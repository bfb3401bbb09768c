import { aboutPart, type Finding } from './finding.ts'

/** An ID token or a Quilt credential may be refused beyond it. */
const MAX_DIFFERENCE_MS = 60_000
/** The Date header has whole seconds (RFC 9110 section 5.6.7). */
const WORTH_A_WARNING_MS = 5000

/** Compares a clock with ours. @param part - the server whose clock it is */
export function clockFinding(part: string, theirMs: number, ourMs: number): Finding {
  const { ok, warning, fault } = aboutPart('clock')
  const seconds = Math.round(Math.abs(theirMs - ourMs) / 1000)
  const text = `${part} is ${seconds} s ${theirMs > ourMs ? 'ahead of' : 'behind'} this machine`
  const fix = 'synchronise both clocks with NTP; AWS has a time server at 169.254.169.123'
  if (seconds * 1000 > MAX_DIFFERENCE_MS) return fault(text, fix)
  return seconds * 1000 > WORTH_A_WARNING_MS
    ? warning(text, fix)
    : ok(`${part} agrees within ${seconds + 1} s`)
}

/** Undefined if the server sends no Date. @param askedMs - by our clock, before the question */
export function clockOf(part: string, date: string | null, askedMs: number): Finding | undefined {
  const theirMs = Date.parse(date ?? '')
  return Number.isNaN(theirMs) ? undefined : clockFinding(part, theirMs, (askedMs + Date.now()) / 2)
}
