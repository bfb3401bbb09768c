/** Where people see which applications they have connected, and end that. */
export const APPS_PAGE = '/connect/apps'
/** Where the sign-in of a browser ends. */
export const SIGN_OUT_PAGE = '/connect/signout'
