export const HOME_PAGE = '/'
/** Where users see and revoke their connected applications. */
export const APPS_PAGE = '/connect/apps'
/** The same; the identity provider offers a choice of account. */
export const APPS_PAGE_ANOTHER_ACCOUNT = `${APPS_PAGE}?account=another`
export const SIGN_OUT_PAGE = '/connect/signout'
