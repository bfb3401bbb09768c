export const HOME_PAGE = '/'
/** Where users see and revoke their connected applications. */
export const APPS_PAGE = '/connect/apps'
/** The same; the identity provider offers a choice of account. */
export const APPS_PAGE_ANOTHER_ACCOUNT = `${APPS_PAGE}?account=another`
/** Where Quilt administrators see and end every connection. */
export const ADMIN_PAGE = '/connect/admin'
export const ADMIN_PAGE_ANOTHER_ACCOUNT = `${ADMIN_PAGE}?account=another`
/** Asks before each action of an administrator, and carries it out. */
export const ADMIN_ACTION_PAGE = `${ADMIN_PAGE}/action`
/** Ends every session of a person, for a program of the operator. */
export const END_USER_ENDPOINT = `${ADMIN_PAGE}/api/end-user`
/** Logouts that the identity provider reports. */
export const BACKCHANNEL_LOGOUT = '/connect/backchannel-logout'
export const FRONTCHANNEL_LOGOUT = '/connect/frontchannel-logout'
export const SIGN_OUT_PAGE = '/connect/signout'
/** Where the link of a notice leads: it shows a session, and offers to end it. */
export const NOTICE_PAGE = '/connect/notice'
/** The self-test of a connection, and the redirect URI of its client. */
export const CHECK_PAGE = '/connect/check'
