import type { IForbiddenRuleType } from 'dependency-cruiser'

/** Imports go one way: main → app or server → endpoints or stages → oauth or decide → core. */
export const ROOM_RULES: IForbiddenRuleType[] = [
  {
    name: 'no-cycles',
    comment: 'two files that need each other are one file, or need a third',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'core-stands-alone',
    comment: 'core is what both services agree on; it knows neither of them',
    severity: 'error',
    from: { path: '^core/' },
    to: { path: '^(authz|consent-ui|envoy|proto|deploy|test)/' },
  },
  {
    name: 'services-never-meet',
    comment: 'authz and consent-ui meet in Redis, through core',
    severity: 'error',
    from: { path: '^(authz|consent-ui)/' },
    to: { path: '^(authz|consent-ui|envoy|deploy|test)/', pathNot: '^$1/' },
  },
  {
    name: 'rules-know-no-http',
    comment: 'consent-ui/oauth and authz/decide are rules: they speak reasons, not requests',
    severity: 'error',
    from: { path: '^(consent-ui/oauth|authz/decide)/' },
    to: {
      path: '^node_modules/(koa|@koa|koa-router|ioredis|@grpc)/|^(node:)?http$|^consent-ui/(authorize|token|endpoints|apps|admin|logout|http|pages|store)/|^authz/(stages|envoy)/',
    },
  },
  {
    name: 'flow-is-wired-from-outside',
    comment: 'only app.ts, wire.ts and server.ts put the parts together, only main.ts starts them',
    severity: 'error',
    from: { path: '^(authz|consent-ui)/[^/]+/' },
    to: {
      path: '^(authz/(main|server|config|node-arguments)|consent-ui/(main|app|wire|config/config))\\.ts$',
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'endpoints-do-not-climb',
    comment: 'what endpoints are made of knows no endpoint',
    severity: 'error',
    from: { path: '^consent-ui/(?!authorize|token|endpoints|apps|admin|logout)[^/]+/' },
    to: { path: '^consent-ui/(authorize|token|endpoints|apps|admin|logout)/' },
  },
  {
    name: 'endpoints-stand-alone',
    comment: 'apps and admin may start a sign-in of authorize; no other endpoint knows another',
    severity: 'error',
    from: { path: '^consent-ui/(authorize|token|endpoints|logout)/' },
    to: { path: '^consent-ui/(authorize|token|endpoints|apps|admin|logout)/', pathNot: '^consent-ui/$1/' },
  },
  {
    name: 'pages-are-html',
    comment: 'a page is made of what it shows: it reads no store and asks no service',
    severity: 'error',
    from: { path: '^consent-ui/pages/' },
    to: {
      path: '^node_modules/(koa|@koa|koa-router|ioredis)/|^consent-ui/(browser|keys|limits|metrics|provider|quilt|sessions|store)/',
    },
  },
  {
    name: 'stages-are-the-top-of-authz',
    comment: 'the stages use the other rooms of authz, never the reverse',
    severity: 'error',
    from: { path: '^authz/(?!stages)[^/]+/' },
    to: { path: '^authz/stages/' },
  },
  {
    name: 'decisions-are-pure',
    comment: 'what may pass is decided from values, without Redis, the Registry or a cache',
    severity: 'error',
    from: { path: '^authz/(decide|read-access)/' },
    to: { path: '^authz/(sessions|tokens|api-keys|registry|list-filter|limits)/' },
  },
  {
    name: 'demo-knows-no-service',
    comment: 'the demo stands for parts of other companies',
    severity: 'error',
    from: { path: '^deploy/demo/' },
    to: { path: '^(authz|consent-ui|envoy)/' },
  },
  {
    name: 'containers-have-no-tools',
    comment: 'of deploy, the images contain only container; that of consent-ui also connect',
    severity: 'error',
    from: { path: '^(deploy/container|envoy)/' },
    to: { path: '^deploy/(?!container/)|^(authz|consent-ui)/' },
  },
  {
    name: 'commands-are-in-the-image',
    comment: 'the operator runs deploy/connect in the image of consent-ui too',
    severity: 'error',
    from: { path: '^deploy/connect/' },
    to: { path: '^(deploy/(?!connect/)|proto|bench)' },
  },
  {
    name: 'one-file-knows-openid-client',
    severity: 'error',
    from: {
      path: '^(authz|consent-ui|core|envoy|proto)/',
      pathNot: '^consent-ui/provider/identity-provider\\.ts$',
    },
    to: { path: 'node_modules/openid-client/' },
  },
  {
    name: 'services-run-on-their-dependencies',
    comment: 'what an image runs must not need a development dependency',
    severity: 'error',
    from: { path: '^(authz|consent-ui|core|envoy|proto|deploy/(container|connect))/' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'only-tests-import-tests',
    severity: 'error',
    from: { pathNot: '^test/' },
    to: { path: '^test/' },
  },
  {
    name: 'everything-resolves',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
]
