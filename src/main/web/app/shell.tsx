import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useChallenge, useRights } from "./api/access";
import { serviceNow } from "./api/client";
import { live, useAway, useLive } from "./api/live";
import { session } from "./api/session";
import { useResource } from "./api/store";
import type { Mesh } from "./api/types";
import { href, useRoute, type Route } from "./router";
import { Notices, notify } from "./ui/dialog";
import { said } from "./ui/format";
import { Icon, type IconName } from "./ui/icons";
import { Login, LoginDialog, SignedIn } from "./ui/login";
import { Ago, Empty, InGrafana } from "./ui/parts";
import { ThemeSwitch } from "./ui/theme";
import { AnalyseView } from "./views/analyse";
import { AuditView } from "./views/audit";
import { ConnectivityView } from "./views/connectivity";
import { FindingsView } from "./views/findings";
import { MeshPage } from "./views/mesh";
import { NamespacesView } from "./views/namespaces";
import { PlansView } from "./views/plans";
import { TodoView } from "./views/todo";
import { TrafficView } from "./views/traffic";
import { WireView } from "./views/wire";

interface Area {
  readonly key: string;
  readonly text: string;
  readonly icon: IconName;
  readonly view: ComponentType<{ route: Route }>;
  /** Without it there is nothing to see. */
  readonly verb?: string;
}

const AREAS: readonly Area[] = [
  { key: "mesh", text: "Mesh", icon: "mesh", view: MeshPage },
  { key: "connectivity", text: "Connectivity", icon: "grid", view: ConnectivityView },
  { key: "traffic", text: "Traffic", icon: "flow", view: TrafficView },
  { key: "wire", text: "Wire", icon: "eye", view: WireView, verb: "capture" },
  { key: "namespaces", text: "Namespaces", icon: "box", view: NamespacesView },
  { key: "findings", text: "Findings", icon: "alert", view: FindingsView },
  { key: "todo", text: "To do", icon: "flag", view: TodoView },
  { key: "plans", text: "Plans", icon: "plan", view: PlansView },
  { key: "analyse", text: "Analyse", icon: "lens", view: AnalyseView },
  { key: "audit", text: "Audit", icon: "clock", view: AuditView, verb: "audit" },
];

export function Shell() {
  const route = useRoute();
  const challenge = useChallenge();
  const { can } = useRights();
  useAnnouncements();
  const area = AREAS.find((candidate) => candidate.key === (route.path[0] ?? "mesh"));
  const main = useRef<HTMLElement>(null);
  const place = route.path.join("/");
  const shownPlace = useRef(place);
  useEffect(() => {
    document.title = `${[...route.path.slice(1).reverse(), area?.text ?? "Not found"].join(" · ")} · mtls-migration`;
    if (shownPlace.current !== place) {
      shownPlace.current = place;
      window.scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
  }, [place]);
  const View = area?.view;
  if (route.path[0] === "signed-in") {
    return <SignedIn />;
  }
  const waits = challenge !== null && session.resumable();
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the view
      </a>
      <header class="top">
        <a class="brand" href="#/mesh" aria-label="mtls-migration, to the mesh">
          <img src="icon.svg" alt="" width="24" height="24" />
          <span>mtls-migration</span>
        </a>
        <nav class="areas" aria-label="Views">
          {AREAS.filter(({ verb }) => !verb || can(verb)).map((candidate) => (
            <a key={candidate.key} href={href([candidate.key])} aria-current={candidate === area ? "page" : undefined}>
              <Icon name={candidate.icon} />
              <span>{candidate.text}</span>
            </a>
          ))}
        </nav>
        <div class="standing">
          {challenge === null && <Standing />}
          <ThemeSwitch />
        </div>
      </header>
      {waits && <LoginDialog why={challenge} />}
      {challenge !== null && !waits ? (
        <main class="login" id="main">
          <Login why={challenge} />
        </main>
      ) : (
        <main id="main" ref={main} tabIndex={-1} hidden={waits} class={`view view-${area?.key ?? "none"}`}>
          {View ? (
            <View route={route} />
          ) : (
            <Empty icon="question" title="There is no such view">
              <a href="#/mesh">To the mesh</a>
            </Empty>
          )}
        </main>
      )}
      {challenge === null && <Program />}
      <Notices />
    </>
  );
}

/** Whoever reports a fault, or asks whether it is the new one, reads it off here. */
function Program() {
  const { data: mesh } = useResource<Mesh>("/mesh", 5000);
  if (!mesh) {
    return null;
  }
  const { version, commit } = mesh.service;
  return (
    <footer class="program dim">
      mtls-migration {version}
      {commit && <span title={commit}> ({commit.slice(0, 12)})</span>} <InGrafana dashboard="health">Its health in Grafana</InGrafana>
    </footer>
  );
}

/** Verbs that change nothing. */
const READS: ReadonlySet<string> = new Set(["list", "get", "audit"]);

/** Whether what is shown is of now, and who looks at it. */
function Standing() {
  const state = useLive();
  const { access } = useRights();
  const { data: mesh } = useResource<Mesh>("/mesh", 5000);
  const dead = useAway();
  const text = state === "live" ? "Live" : state === "connecting" ? "Connecting" : dead ? "Service away" : "Reconnecting";
  return (
    <>
      <span class={`live live-${dead ? "dead" : state}`} role="status">
        <i aria-hidden="true" />
        <span>{text}</span>
      </span>
      {mesh && (
        <span class="observed dim">
          observed <Ago at={mesh.observedAt} />
        </span>
      )}
      {access && !access.verbs.some((verb) => !READS.has(verb)) && (
        <span class="badge tone-idle" title="You may look at everything here, and change nothing">
          <Icon name="eye" size={14} />
          <span>Read only</span>
        </span>
      )}
      {access && access.mode !== "NONE" && (
        <span class="who">
          <span class="dim" title={access.name}>{access.name}</span>
          <button type="button" class="button bare" onClick={() => session.logOut()} title="Log out" aria-label={`Log out ${access.name}`}>
            <Icon name="out" />
          </button>
        </span>
      )}
    </>
  );
}

const RECENT_MS = 30_000;

/** What a person in a change meeting has to hear of, whichever view is open. */
function useAnnouncements(): void {
  useEffect(
    () =>
      live.listen((event) => {
        // After a restart of the service all events that it has kept come again.
        if (serviceNow() - Date.parse(event.at) > RECENT_MS) {
          return;
        }
        const subject = event.namespace === "mesh" ? "The mesh" : event.namespace;
        if (event.type === "DRIFT_FOUND" || event.type === "WRITE_FAILED") {
          notify(`${subject ?? event.plan}: ${said(event.message)}`, "bad");
        } else if (event.type === "PHASE_CHANGED" && event.to === "LOCKED") {
          notify(`${subject} is locked`, "good");
        } else if (event.type === "PHASE_CHANGED" && event.to === "ROLLING_BACK") {
          notify(`${subject} is being rolled back: ${said(event.message)}`, "bad");
        } else if (event.type === "PHASE_CHANGED" && event.to === "AWAITING_APPROVAL") {
          notify(`${subject} awaits approval`, "info");
        }
      }),
    [],
  );
}
