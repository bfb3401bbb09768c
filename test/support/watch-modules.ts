const HOOK = (part: string): string =>
  `import{registerHooks}from'node:module';registerHooks({load(url,context,next){if(url.includes('${part}'))process.stderr.write(url+'\\n');return next(url,context)}})`

/** `NODE_OPTIONS` with which a process writes to stderr each module that it loads and whose URL has this part. */
export function watchModules(part: string): string {
  return `--import=data:text/javascript,${encodeURIComponent(HOOK(part)).replaceAll("'", '%27')}`
}

/** The packages of OpenTelemetry among them, but its API, which the Prometheus client loads too. */
export function openTelemetryPackages(stderr: string): string[] {
  const names = [...stderr.matchAll(/node_modules\/@opentelemetry\/([\w-]+)\//g)].map(([, name = '']) => name)
  return [...new Set(names)].filter((name) => name !== 'api')
}
