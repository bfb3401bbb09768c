/** Texts of the self-test. */
export const check = {
  title: 'Check my connection',
  about:
    'This tests a new connection of Quilt Connect’s own, not the one of your application. It gets read-only access for at most five minutes, and ends it afterwards. You sign in and continue on the consent page.',
  needsScript:
    'This check needs JavaScript, which is switched off in this browser. You can connect an application without it.',
  service: 'Service',
  start: 'Start the check',
  again: 'Check again',
  steps: 'Steps of the check',
  running: 'running',
  good: 'works',
  failed: 'failed',
  allGood:
    'Everything works. If your application still cannot connect, remove this server there and add it again.',
  notGood: 'The check stopped at the step that failed. Do what it says, then check again.',
  each: {
    reach: {
      title: 'Reach the service',
      help: 'The service did not ask for a sign-in. Check your network connection and your company’s proxy, then tell the operator of this server.',
    },
    resource: {
      title: 'Find out where to sign in',
      help: 'The protected resource document is missing or wrong. Tell the operator of this server: a proxy may block addresses below /.well-known.',
    },
    discovery: {
      title: 'Read what the sign-in server offers',
      help: 'The authorization server metadata is missing or wrong. Tell the operator of this server: a proxy may block addresses below /.well-known.',
    },
    register: {
      title: 'Register as an application',
      help: 'This server did not register the check. Wait a minute and check again; there may have been too many registrations from your network.',
    },
    consent: {
      title: 'Sign in and continue',
      help: 'You were not signed in, or you pressed Cancel. Check again, and press Continue. If signing in fails, ask your Quilt administrator whether your account is active.',
    },
    token: {
      title: 'Get an access token',
      help: 'Quilt did not confirm your account, or took too long. Check again. If it fails again, tell the operator of this server.',
    },
    tools: {
      title: 'List the tools',
      help: 'You are signed in, but the service did not answer. Wait a minute and check again. If it fails again, tell the operator of this server that the service is not available.',
    },
    end: {
      title: 'End the access',
      help: 'The access of this check could not be ended now. It ends by itself within five minutes; you can also end it among your connected applications.',
    },
  },
} as const
