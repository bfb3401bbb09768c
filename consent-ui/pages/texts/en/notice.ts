/** Texts of notices by mail and webhook, and of the page that their link opens. */
export const notice = {
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
} as const
