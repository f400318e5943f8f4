import { useEffect, useId, useState } from "preact/hooks";
import { session } from "../api/session";
import { useModal } from "./dialog";
import { Icon } from "./icons";

/** Asks who somebody is: by signing in where that is offered, and by a token. */
export function Login({ why, id }: { why: string; id?: string }) {
  const [token, setToken] = useState("");
  const offered = session.offered();
  const end = session.endAtProvider();
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        if (token.trim()) {
          session.logIn(token);
        }
      }}
    >
      <h1 id={id}>Who are you?</h1>
      <p role="status">{why}</p>
      {end && (
        <p>
          The OpenID provider still knows you. <a href={end}>Log out there, too</a>
        </p>
      )}
      {offered && <SignIn />}
      {offered && <p class="or dim">or with a token that you have</p>}
      <label class="field">
        <span>Bearer token</span>
        <textarea rows={offered ? 3 : 5} value={token} autocomplete="off" spellcheck={false} onInput={(e) => setToken(e.currentTarget.value)} />
      </label>
      <p class="dim">It is kept in this tab until the tab is closed, and sent to this service alone.</p>
      <button type="submit" class={`button ${offered ? "plain" : "main"}`} disabled={!token.trim()}>
        <Icon name="lock" />
        <span>Log in</span>
      </button>
    </form>
  );
}

/** In a tab of its own while this one has something that would be lost. */
function SignIn() {
  return session.resumable() ? (
    <a class="button main" href="login/again" target="_blank" rel="noopener">
      <Icon name="lock" />
      <span>Sign in, in a new tab</span>
    </a>
  ) : (
    <a class="button main" href="login" onClick={() => session.depart()}>
      <Icon name="lock" />
      <span>Sign in</span>
    </a>
  );
}

/**
 * The same over a view that waits behind it as it was, open dialogs and half-filled forms included. Modal, so that it comes
 * before a dialog that is open already.
 */
export function LoginDialog({ why }: { why: string }) {
  const element = useModal();
  const id = useId();
  return (
    <dialog ref={element} class="dialog login" aria-labelledby={id} onCancel={(event) => event.preventDefault()}>
      <Login why={why} id={id} />
    </dialog>
  );
}

/** The end of signing in in a tab of its own. */
export function SignedIn() {
  useEffect(() => {
    document.title = "Signed in · mtls-migration";
    session.announce();
    window.close();
  }, []);
  return (
    <main class="login" id="main">
      <div class="panel">
        <h1>You are signed in</h1>
        <p>The other tab goes on where it was; this one can be closed.</p>
        <a class="button" href="#/mesh">
          To the mesh
        </a>
      </div>
    </main>
  );
}
