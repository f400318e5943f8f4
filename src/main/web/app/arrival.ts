import { session } from "./api/session";
import { become } from "./router";

/*
 * Before anything is drawn: whoever comes back from signing in is where they were, and an address that says
 * how it went is nothing to go back to.
 */
const failed = /^#\/login\?problem=([a-z]+)$/.exec(location.hash);
if (failed || location.hash.length < 3) {
  const place = session.arrive(failed?.[1] ?? null);
  if (place || failed) {
    become(place || "#/mesh");
  }
}
