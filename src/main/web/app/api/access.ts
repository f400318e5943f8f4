import { useEffect, useReducer } from "preact/hooks";
import { withQuery } from "./client";
import { session } from "./session";
import { useResource } from "./store";
import type { Access } from "./types";

export interface Rights {
  readonly access: Access | undefined;
  /** True when the caller has the verb; false as long as nobody knows. */
  can(verb: string): boolean;
}

/** What the caller may do on every plan, or on one. */
export function useRights(plan?: string): Rights {
  const { data } = useResource<Access>(withQuery("/access", { plan }), 60_000);
  return { access: data, can: (verb) => data?.verbs.includes(verb.toLowerCase()) ?? false };
}

/** Why a token is wanted; null when none is. Drawn again when anything else changes that is asked for with it. */
export function useChallenge(): string | null {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => session.subscribe(() => redraw(undefined)), []);
  return session.challenge();
}
