/** Texts of the pages outside a sign-in, in English. */
export const landing = {
  home: {
    about:
      'Applications such as Claude connect here to work in Quilt as you. You choose what each one can do, and can end its access at any time.',
    seeApps: 'See your connected applications',
    connect: 'Connect an application',
    connectTo: (service: string) => `Connect an application to ${service}`,
    services: 'Services',
    add: (application: string) => `Add to ${application}`,
    orByHand: 'Or add it yourself:',
    copy: 'Copy',
    copied: 'Copied',
    notListed:
      'If your application is not in this list, look in its settings for MCP servers or connectors, and give it this address.',
  },

  service: {
    about:
      'Applications connect here to work in Quilt as you. When you connect one, you sign in and choose what it can do.',
    address: 'Address',
    oauth: 'Applications connect with OAuth, and find everything they need at this address.',
  },

  check: {
    title: 'Check my connection',
    about:
      'This check connects to Quilt as an application does: with read-only access for at most five minutes, which it ends afterwards. You sign in and continue on the consent page.',
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
  },

  notice: {
    subject: {
      first_approval: (name: string) => `Was this you? ${name} was connected to your Quilt account`,
      new_network: (name: string) => `Was this you? ${name} was connected from a new network`,
      replay: (name: string) => `Was this you? Two programs used the same connection of ${name}`,
    },
    application: 'Application',
    access: 'Access',
    time: 'Time',
    connected: 'Connected',
    device: 'Device',
    network: 'Network',
    ifNot: 'If this was you, you need to do nothing. If not, look at the connection and end it:',
    look: 'Look at this connection',
    linkWorks:
      'The link works for 7 days, without a sign-in. It only ends this connection. Do not forward this message.',
    title: 'Was this you?',
    question: 'This application can use Quilt as you:',
    end: 'End this connection',
    keep: 'If this was you, close this page. Nothing changes.',
    gone: {
      title: 'Nothing to end',
      text: 'This connection has already ended, or the link has expired. You can see all your connections after you sign in.',
    },
    ended: {
      title: 'Connection ended',
      text: 'The application is refused from its next request on. If you did not connect it, change your password at your identity provider and tell your Quilt administrator.',
    },
    unconfirmed:
      'Not every gateway confirmed this within a second. Look at your connected applications in a minute.',
  },

  notFound: {
    title: 'Page not found',
    text: 'There is no page at this address. Check it for mistakes, or go on here:',
  },
} as const
