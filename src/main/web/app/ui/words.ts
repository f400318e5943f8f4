import type { IconName } from "./icons";

/** How something is meant to be taken; colour, icon and words say the same. */
export type Tone = "good" | "warn" | "bad" | "info" | "mixed" | "idle" | "busy";

export interface Word {
  readonly text: string;
  readonly tone: Tone;
  readonly icon: IconName;
  readonly hint?: string;
}

const POSTURES: Record<string, Word> = {
  STRICT: { text: "Strict", tone: "good", icon: "lock", hint: "Every captured port takes mutual TLS alone" },
  PERMISSIVE: { text: "Permissive", tone: "warn", icon: "unlock", hint: "Takes plaintext as well as mutual TLS" },
  MIXED: { text: "Mixed", tone: "mixed", icon: "half", hint: "Some ports are strict, others are not" },
  DISABLED: { text: "Disabled", tone: "bad", icon: "open", hint: "Takes plaintext alone" },
  UNCAPTURED: { text: "No proxy", tone: "idle", icon: "none", hint: "No pod has a proxy: policies protect nothing here" },
};

const MODES: Record<string, Word> = {
  STRICT: { text: "STRICT", tone: "good", icon: "lock" },
  PERMISSIVE: { text: "PERMISSIVE", tone: "warn", icon: "unlock" },
  DISABLE: { text: "DISABLE", tone: "bad", icon: "open" },
  UNSET: { text: "UNSET", tone: "idle", icon: "none" },
};

const PHASES: Record<string, Word> = {
  PENDING: { text: "Pending", tone: "idle", icon: "clock", hint: "Its wave has not been opened yet" },
  OBSERVING: { text: "Observing", tone: "info", icon: "eye", hint: "Gates are being judged" },
  AUDITING: { text: "Auditing", tone: "info", icon: "eye", hint: "A dry run of STRICT counts who would be refused" },
  READY: { text: "Ready", tone: "info", icon: "check", hint: "All gates hold" },
  AWAITING_APPROVAL: { text: "Awaiting approval", tone: "warn", icon: "hand", hint: "A person has to consent" },
  LOCKING: { text: "Locking", tone: "busy", icon: "turn", hint: "The policy is being written" },
  VERIFYING: { text: "Verifying", tone: "busy", icon: "turn", hint: "Locked, and watched for harm" },
  LOCKED: { text: "Locked", tone: "good", icon: "lock", hint: "STRICT, and verified" },
  BLOCKED: { text: "Blocked", tone: "bad", icon: "stop", hint: "A gate fails" },
  ROLLING_BACK: { text: "Rolling back", tone: "busy", icon: "undo", hint: "The mode of before is being restored" },
  ROLLED_BACK: { text: "Rolled back", tone: "mixed", icon: "undo", hint: "The mode of before is back" },
  EXEMPT: { text: "Exempt", tone: "idle", icon: "unlock", hint: "Left open on purpose" },
  SKIPPED: { text: "Skipped", tone: "idle", icon: "skip", hint: "Left untouched; blocks the mesh step" },
  DRIFTED: { text: "Drifted", tone: "bad", icon: "alert", hint: "Somebody has weakened it since it was locked" },
};

const PLAN_PHASES: Record<string, Word> = {
  DRAFT: { text: "Draft", tone: "idle", icon: "pencil" },
  RUNNING: { text: "Running", tone: "busy", icon: "play" },
  PAUSED: { text: "Paused", tone: "warn", icon: "pause" },
  COMPLETED: { text: "Completed", tone: "good", icon: "check" },
  ABORTED: { text: "Aborted", tone: "bad", icon: "stop" },
  ROLLED_BACK: { text: "Rolled back", tone: "mixed", icon: "undo" },
  CLEANED_UP: { text: "Cleaned up", tone: "idle", icon: "check" },
};

const RESULTS: Record<string, Word> = {
  PASS: { text: "Pass", tone: "good", icon: "check" },
  FAIL: { text: "Fail", tone: "bad", icon: "cross" },
  INCONCLUSIVE: { text: "Inconclusive", tone: "warn", icon: "question", hint: "Holds as a failure does" },
};

const VERDICTS: Record<string, Word> = {
  READY: { text: "Ready", tone: "good", icon: "check" },
  BLOCKED: { text: "Blocked", tone: "bad", icon: "stop" },
  INCONCLUSIVE: { text: "Inconclusive", tone: "warn", icon: "question" },
};

const SEVERITIES: Record<string, Word> = {
  BLOCKER: { text: "Blocker", tone: "bad", icon: "stop" },
  WARNING: { text: "Warning", tone: "warn", icon: "alert" },
  INFO: { text: "Info", tone: "info", icon: "info" },
};

const OUTCOMES: Record<string, Word> = {
  OK: { text: "OK", tone: "good", icon: "check" },
  REFUSED: { text: "Refused", tone: "bad", icon: "cross" },
  UNREACHABLE: { text: "Unreachable", tone: "warn", icon: "question" },
  TIMEOUT: { text: "Timeout", tone: "warn", icon: "clock" },
  SKIPPED: { text: "Skipped", tone: "idle", icon: "skip" },
};

const SECURITIES: Record<string, Word> = {
  MUTUAL_TLS: { text: "Mutual TLS", tone: "good", icon: "lock" },
  ISTIO_MUTUAL: { text: "Mutual TLS", tone: "good", icon: "lock" },
  TLS: { text: "Own TLS", tone: "info", icon: "half" },
  PLAINTEXT: { text: "Plaintext", tone: "bad", icon: "open" },
};

const WIRE: Record<string, Word> = {
  PLAINTEXT: { text: "Plaintext", tone: "bad", icon: "open", hint: "Anybody on the path can read it" },
  TLS: { text: "Other TLS", tone: "info", icon: "half", hint: "TLS, but nothing shows that it is Istio's" },
  ISTIO_MTLS: { text: "Istio mTLS", tone: "good", icon: "lock", hint: "Offers what only Istio's proxies offer" },
  UNKNOWN: { text: "Unknown", tone: "idle", icon: "question", hint: "Too little was seen to say" },
};

const WIRE_VERDICTS: Record<string, Word> = {
  PLAINTEXT_SEEN: { text: "Plaintext seen", tone: "bad", icon: "open", hint: "Plaintext, and the server did not reset it" },
  OTHER_TLS_SEEN: { text: "Other TLS seen", tone: "info", icon: "half", hint: "TLS that is not Istio's" },
  INCONCLUSIVE: { text: "Inconclusive", tone: "warn", icon: "question", hint: "Some connections cannot be told, or packets are missing" },
  PLAINTEXT_REFUSED: { text: "Plaintext refused", tone: "good", icon: "lock", hint: "Plaintext was tried and reset each time; all the rest is Istio mutual TLS" },
  ONLY_ISTIO_MTLS: { text: "Only Istio mTLS", tone: "good", icon: "lock", hint: "Each connection was Istio mutual TLS" },
  NO_TRAFFIC: { text: "No traffic", tone: "warn", icon: "none", hint: "Nobody sent anything, so nothing was learned" },
};

const WIRE_STATES: Record<string, Word> = {
  RUNNING: { text: "Running", tone: "busy", icon: "turn" },
  DONE: { text: "Done", tone: "idle", icon: "check" },
  FAILED: { text: "Failed", tone: "bad", icon: "cross" },
};

const ANSWERS: Record<string, Word> = {
  ANSWERED: { text: "Answered", tone: "info", icon: "check" },
  RESET: { text: "Reset", tone: "mixed", icon: "cross", hint: "So a proxy refuses plaintext" },
  UNKNOWN: { text: "Not seen", tone: "idle", icon: "question" },
};

const BASES: Record<string, string> = {
  BEGINNING: "from its first bytes",
  PARTIAL_HELLO: "from part of a TLS greeting",
  MIDSTREAM: "from its middle: it was open before",
  NOTHING_SENT: "the client sent nothing",
};

const PLANES: Record<string, Word> = {
  SIDECAR: { text: "Sidecar", tone: "good", icon: "check" },
  AMBIENT: { text: "Ambient", tone: "good", icon: "check" },
  GATEWAY: { text: "Gateway", tone: "info", icon: "info" },
  NONE: { text: "No proxy", tone: "idle", icon: "none" },
};

const STATES: Record<string, Word> = {
  LOCKED: { text: "Locked", tone: "good", icon: "lock", hint: "STRICT, as it is wanted" },
  READY: { text: "Ready", tone: "info", icon: "check", hint: "Every gate passes" },
  WAITING: { text: "Waiting", tone: "busy", icon: "clock", hint: "Goes on by itself" },
  HELD: { text: "Held", tone: "warn", icon: "hand", hint: "Somebody has to act" },
  OPEN: { text: "Open", tone: "idle", icon: "unlock", hint: "Left open, or there is nothing to lock" },
};

function of(words: Record<string, Word>, key: string): Word {
  return words[key] ?? { text: spaced(key), tone: "idle", icon: "none" };
}

const EXCEPTIONS: Record<string, Word> = {
  VALID: { text: "Agreed", tone: "idle", icon: "check" },
  EXPIRES_SOON: { text: "Ends soon", tone: "warn", icon: "clock", hint: "Within two weeks" },
  EXPIRED: { text: "Expired", tone: "bad", icon: "alert", hint: "It is open all the same, and a finding" },
};

const AUDITED: Record<string, Word> = {
  SUCCEEDED: { text: "Done", tone: "good", icon: "check" },
  REJECTED: { text: "Rejected", tone: "warn", icon: "question", hint: "The call was wrong, or came at the wrong time" },
  DENIED: { text: "Denied", tone: "bad", icon: "lock", hint: "The caller may not do that" },
  FAILED: { text: "Failed", tone: "bad", icon: "cross" },
};

const BACKTESTS: Record<string, Word> = {
  OPENS: { text: "Locked", tone: "good", icon: "lock", hint: "It would have been locked" },
  STAYS_SHUT: { text: "Not locked", tone: "warn", icon: "stop", hint: "It would not have been locked, whatever is not known" },
  UNKNOWN: { text: "Not known", tone: "info", icon: "question", hint: "History cannot tell" },
  LEFT_OPEN: { text: "Left open", tone: "idle", icon: "unlock", hint: "A person exempted or skipped it" },
};

/** Why a silence is not known. */
const CAUSES: Record<string, string> = {
  NAMESPACE_GONE: "the namespace does not exist any more",
  NOTHING_CAPTURED: "nothing in it has a proxy",
  EVIDENCE_UNAVAILABLE: "the history has not been answered yet",
  NOT_READ: "before what is read, or not over yet",
  NOTHING_SCRAPED: "nothing was scraped then",
  NO_PROXY: "no proxy of the namespace was scraped",
  SCRAPE_FAILED: "scrapes failed",
  NO_LABEL: "a label was missing",
  NO_ZTUNNEL: "a ztunnel was not scraped",
  BESIDE_GAP: "beside a time that nobody watched",
  NOT_WATCHED: "nobody watched",
  NO_SAMPLES: "a server had no sample",
  UNDATED_CALLS: "calls whose time nobody knows",
  STRICT: "STRICT may have refused calls, which are not counted, or pods took them that nobody watched",
  PODS_UNCAPTURED: "a server has pods without a proxy",
  CRON_JOB_PERIOD: "a CronJob runs less often than the window",
};

export const backtestWord = (key: string): Word => of(BACKTESTS, key);
export const causeWord = (key: string): string => CAUSES[key] ?? spaced(key).toLowerCase();
export const BACKTEST_ORDER = ["OPENS", "STAYS_SHUT", "UNKNOWN", "LEFT_OPEN"];
export const auditWord = (key: string): Word => of(AUDITED, key);
export const exceptionWord = (key: string): Word => of(EXCEPTIONS, key);
export const postureWord = (key: string): Word => of(POSTURES, key);
export const modeWord = (key: string): Word => of(MODES, key);
export const phaseWord = (key: string): Word => of(PHASES, key);
export const planWord = (key: string): Word => of(PLAN_PHASES, key);
export const resultWord = (key: string): Word => of(RESULTS, key);
export const verdictWord = (key: string): Word => of(VERDICTS, key);
export const severityWord = (key: string): Word => of(SEVERITIES, key);
export const outcomeWord = (key: string): Word => of(OUTCOMES, key);
export const securityWord = (key: string): Word => of(SECURITIES, key);
export const wireWord = (key: string): Word => of(WIRE, key);
export const wireVerdictWord = (key: string): Word => of(WIRE_VERDICTS, key);
export const wireStateWord = (key: string): Word => of(WIRE_STATES, key);
export const answerWord = (key: string): Word => of(ANSWERS, key);
export const basisWord = (key: string): string => BASES[key] ?? spaced(key);
export const stateWord = (key: string): Word => of(STATES, key);
export const planeWord = (key: string): Word => of(PLANES, key);

export const STATE_ORDER = ["LOCKED", "READY", "WAITING", "HELD", "OPEN"];
export const POSTURE_ORDER = ["STRICT", "MIXED", "PERMISSIVE", "DISABLED", "UNCAPTURED"];
export const PHASE_ORDER = [
  "LOCKED",
  "VERIFYING",
  "LOCKING",
  "AWAITING_APPROVAL",
  "READY",
  "AUDITING",
  "OBSERVING",
  "PENDING",
  "BLOCKED",
  "DRIFTED",
  "ROLLING_BACK",
  "ROLLED_BACK",
  "SKIPPED",
  "EXEMPT",
];
export const WIRE_ORDER = ["PLAINTEXT", "TLS", "UNKNOWN", "ISTIO_MTLS"];
export const SEVERITY_ORDER = ["BLOCKER", "WARNING", "INFO"];

/** Words of keys that are written otherwise than they would be. */
const WRITTEN: Record<string, string> = { mtls: "mTLS", tls: "TLS", api: "API", ip: "IP", strict: "STRICT", disable: "DISABLE" };

/** `AWAITING_APPROVAL` → `Awaiting approval`. */
export function spaced(key: string): string {
  const text = key
    .toLowerCase()
    .split("_")
    .map((word) => WRITTEN[word] ?? word)
    .join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
