/** Where people see which applications they have connected, and end that. */
export const APPS_PAGE = '/connect/apps'
/** The same, with a choice of account where no person is signed in. */
export const APPS_PAGE_ANOTHER_ACCOUNT = `${APPS_PAGE}?account=another`
/** Where the sign-in of a browser ends. */
export const SIGN_OUT_PAGE = '/connect/signout'
