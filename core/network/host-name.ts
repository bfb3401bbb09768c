/** A host name without the dots at its end. One pass: a regular expression would try each dot as the first. */
export function withoutTrailingDots(host: string): string {
  let end = host.length
  while (host[end - 1] === '.') end -= 1
  return host.slice(0, end)
}
