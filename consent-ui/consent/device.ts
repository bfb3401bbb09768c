/** Longer ones are not read. */
const MAX_USER_AGENT_CHARACTERS = 512

/** The first that matches counts: most browsers also name the ones that they are made of. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\b(Headless)?Chrome\/|\bCriOS\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
]
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b|\biPod\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

/** Browser and system in words, `Chrome on macOS`, from the User-Agent header; empty if it names neither. */
export function deviceOf(userAgent: string): string {
  const text = userAgent.slice(0, MAX_USER_AGENT_CHARACTERS)
  const [browser, system] = [BROWSERS, SYSTEMS].map((list) => list.find(([like]) => like.test(text))?.[1])
  if (browser !== undefined && system !== undefined) return `${browser} on ${system}`
  return browser ?? system ?? ''
}
