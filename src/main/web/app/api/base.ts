/** Where the page is: below a path prefix, when a proxy has put it there. Ends in a slash. */
export const BASE = new URL(".", location.href).pathname;
