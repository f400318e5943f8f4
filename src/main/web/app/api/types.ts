// Written from openapi.yaml by PageTypesTest (make page-types); not by hand.

export interface Access {
  readonly name: string;
  readonly mode: AuthMode;
  readonly verbs: readonly string[];
}

export interface Analysis {
  readonly namespaces: readonly AnalysisNamespace[];
  readonly workloads: readonly Workload[];
  readonly policies: readonly Policy[];
  readonly findings: readonly Finding[];
  readonly reachability: readonly ReachabilityRow[];
  readonly reachabilityOmitted: string | null;
  readonly whatIf: WhatIf | null;
  readonly problems: readonly UnreadObject[];
  readonly ignoredKinds: Readonly<Record<string, number>>;
  readonly undefinedNamespaces: readonly string[];
  readonly undefinedGateways: readonly string[];
}

export interface AnalysisNamespace {
  readonly name: string;
  readonly posture: Posture;
  readonly mode: MtlsMode;
  readonly decidedBy: ObjectRef | null;
  readonly workloads: number;
  readonly captured: number;
  readonly findings: Readonly<Record<string, number>>;
}

export interface ApprovalBody {
  readonly wave?: string;
  readonly namespace?: string;
  readonly mesh?: boolean;
  readonly comment?: string;
  readonly impactHash?: string;
}

export type ApprovalRule = "NONE" | "WAVE" | "NAMESPACE";

export interface AuditEntry {
  readonly id: number;
  readonly at: Instant;
  readonly actor: string | null;
  readonly actorUid: string | null;
  readonly groups: number;
  readonly address: string;
  readonly operation: string | null;
  readonly method: string;
  readonly path: string;
  readonly plan: string | null;
  readonly namespace: string | null;
  readonly keepPolicies: boolean;
  readonly requestId: string;
  readonly outcome: AuditOutcome;
  readonly status: number | null;
  readonly problem: string | null;
  readonly unrecorded: number;
}

export interface AuditEntryList {
  readonly items: readonly AuditEntry[];
  readonly continue: string | null;
  readonly remaining: number;
}

export type AuditOutcome = "SUCCEEDED" | "DENIED" | "REJECTED" | "FAILED";

export type AuthMode = "KUBERNETES" | "OIDC" | "NONE";

export type AuthorizationAction = "ALLOW" | "DENY" | "AUDIT" | "CUSTOM";

export interface AuthorizationDraft {
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly workloads: readonly ObjectRef[];
  readonly rules: readonly DraftRule[];
  readonly combinesWith: readonly DraftNeighbour[];
  readonly notes: readonly string[];
  readonly manifest: unknown;
}

export interface AuthorizationDrafts {
  readonly namespace: string;
  readonly basis: string;
  readonly outlook: NamespaceOutlook;
  readonly traffic: DraftEvidence;
  readonly open: readonly ObjectRef[];
  readonly items: readonly AuthorizationDraft[];
  readonly undrafted: readonly UndraftedWorkload[];
  readonly missing: readonly string[];
  readonly notes: readonly string[];
  readonly continue: string | null;
  readonly remaining: number;
}

export interface Backtest {
  readonly plan: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly resolution: Duration;
  readonly plaintextWindow: Duration;
  readonly soak: Duration;
  readonly counts: BacktestCounts;
  readonly namespaces: readonly BacktestNamespace[];
  readonly notJudged: readonly BacktestNotJudged[];
}

export interface BacktestBody {
  readonly from?: string;
  readonly to?: string;
  readonly namespaces?: readonly string[];
}

export interface BacktestCounts {
  readonly opens: number;
  readonly staysShut: number;
  readonly unknown: number;
  readonly leftOpen: number;
}

export interface BacktestNamespace {
  readonly namespace: string;
  readonly wave: string;
  readonly outcome: BacktestOutcome;
  readonly reason: BacktestReason;
  readonly message: string;
  readonly gateOpensAt: Instant | null;
  readonly opensAt: Instant | null;
  readonly mayOpenAt: Instant | null;
  readonly refused: readonly BacktestRefused[];
  readonly refusedCount: number;
  readonly knownFrom: Instant | null;
  readonly unknown: readonly BacktestUnknown[];
}

export interface BacktestNotJudged {
  readonly kind: BacktestNotJudgedKind;
  readonly message: string;
}

export type BacktestNotJudgedKind = "GATES" | "VERIFICATION" | "NAMESPACES_LEFT_OUT" | "MESH_STEP" | "PORTS" | "AS_OF_NOW" | "EARLIER_STRICT" | "OWN_PROBES" | "RESOLUTION";

export type BacktestOutcome = "OPENS" | "STAYS_SHUT" | "UNKNOWN" | "LEFT_OPEN";

export type BacktestReason = "SILENCE" | "PLAINTEXT_CLIENTS" | "EARLIER_WAVE" | "SOAK_OR_CHANGE_WINDOW" | "EVIDENCE_MISSING" | "RESOLUTION" | "LEFT_BY_PERSON";

export interface BacktestRefused {
  readonly client: string;
  readonly owner: string | null;
  readonly firstCall: Instant;
  readonly lastCall: Instant;
  readonly calls: number;
  readonly servers: readonly string[];
  readonly mayFail: boolean;
}

export interface BacktestUnknown {
  readonly from: Instant;
  readonly until: Instant;
  readonly cause: BacktestUnknownCause;
  readonly detail: string;
}

export type BacktestUnknownCause = "NAMESPACE_GONE" | "NOTHING_CAPTURED" | "EVIDENCE_UNAVAILABLE" | "NOT_READ" | "NOTHING_SCRAPED" | "NO_PROXY" | "SCRAPE_FAILED" | "NO_LABEL" | "NO_ZTUNNEL" | "BESIDE_GAP" | "NOT_WATCHED" | "NO_SAMPLES" | "UNDATED_CALLS" | "STRICT" | "PODS_UNCAPTURED" | "CRON_JOB_PERIOD";

export interface CallBucket {
  readonly from: Instant;
  readonly calls: number | null;
}

export interface Cell {
  readonly from: string;
  readonly to: string;
  readonly endpoint: string;
  readonly outcome: ProbeOutcome;
  readonly httpCode: number;
  readonly exitCode: number;
  readonly expected: ProbeOutcome | null;
  readonly latencyMs: number;
  readonly checkedAt: Instant;
  readonly detail: string;
}

export interface CellChange {
  readonly at: Instant;
  readonly from: string;
  readonly to: string;
  readonly endpoint: string;
  readonly before: ProbeOutcome | null;
  readonly after: ProbeOutcome;
  readonly httpCode: number;
  readonly exitCode: number;
}

export interface CellChangeList {
  readonly items: readonly CellChange[];
  readonly continue: string | null;
  readonly remaining: number;
}

export type CellSort = "from" | "-from" | "to" | "-to" | "outcome" | "-outcome" | "latencyMs" | "-latencyMs" | "checkedAt" | "-checkedAt";

export type ChangeAction = "CREATE" | "UPDATE" | "DELETE";

export type ClientBasis = "OBSERVED" | "PROBE" | "POSSIBLE";

export type ClientKind = "WORKLOAD" | "NODE" | "SERVICE" | "GONE" | "OUTSIDE" | "UNKNOWN";

export interface ClientSilence {
  readonly from: Instant;
  readonly until: Instant;
  readonly length: Duration;
  readonly known: boolean;
}

export type ClientTls = "ISTIO_MUTUAL" | "TLS" | "PLAINTEXT";

export interface CommentBody {
  readonly comment?: string;
}

export interface Connectivity {
  readonly asOf: Instant | null;
  readonly coverage: ProbeCoverage;
  readonly cells: readonly Cell[];
  readonly continue: string | null;
  readonly remaining: number;
}

export type DataPlane = "SIDECAR" | "AMBIENT" | "GATEWAY" | "NONE";

export interface DraftEvidence {
  readonly state: EvidenceState;
  readonly window: Duration;
  readonly asOf: Instant;
}

export interface DraftNeighbour {
  readonly policy: ObjectRef;
  readonly action: AuthorizationAction;
  readonly effect: string;
}

export interface DraftRule {
  readonly origin: DraftRuleOrigin;
  readonly principals: readonly string[];
  readonly ipBlocks: readonly string[];
  readonly ports: readonly number[];
  readonly paths: readonly string[];
  readonly why: string;
}

export type DraftRuleOrigin = "MESH_IDENTITIES" | "EXCEPTION" | "KUBELET_PROBE" | "OBSERVED";

export type Duration = string;

export interface Event {
  readonly id: number;
  readonly at: Instant;
  readonly plan: string;
  readonly namespace: string | null;
  readonly type: EventType;
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: Reason;
  readonly message: string;
  readonly actor: string;
  readonly evidence: Readonly<Record<string, string>>;
}

export interface EventList {
  readonly items: readonly Event[];
  readonly continue: string | null;
  readonly remaining: number;
}

export type EventType = "PLAN_CHANGED" | "PHASE_CHANGED" | "GATE_CHANGED" | "POLICY_WRITTEN" | "WRITE_FAILED" | "APPROVED" | "OVERRIDDEN" | "REQUESTED" | "DRIFT_FOUND" | "HOOK_DELIVERED" | "HOOK_FAILED" | "RATCHET_LIFTED";

export type EvidenceState = "MEASURED" | "NO_SAMPLES" | "UNAVAILABLE";

export interface ExceptionBody {
  readonly namespace: string;
  readonly selector?: LabelSelector;
  readonly port?: number;
  readonly owner: string;
  readonly reason: string;
  readonly expires: LocalDate;
  readonly plaintextPaths?: readonly string[];
}

export interface ExceptionList {
  readonly items: readonly ExceptionView[];
  readonly continue: string | null;
  readonly remaining: number;
}

export interface ExceptionPreview {
  readonly kind: "ExceptionPreview";
  readonly dryRun: boolean;
  readonly exception: ExceptionView;
  readonly hindrance: string | null;
  readonly impact: Impact;
}

export type ExceptionState = "VALID" | "EXPIRES_SOON" | "EXPIRED";

export interface ExceptionView {
  readonly id: string;
  readonly state: ExceptionState;
  readonly namespace: string;
  readonly selector: LabelSelector;
  readonly port: number | null;
  readonly owner: string;
  readonly reason: string;
  readonly expires: LocalDate;
  readonly plaintextPaths: readonly string[];
}

export type FailureRule = "ROLLBACK" | "HOLD";

export interface FieldError {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly code: string;
  readonly detail: string;
}

export interface Finding {
  readonly code: HazardCode;
  readonly severity: Severity;
  readonly namespace: string;
  readonly subject: ObjectRef;
  readonly port: number | null;
  readonly message: string;
  readonly remedy: string;
  readonly references: readonly string[];
}

export interface FindingList {
  readonly items: readonly Finding[];
  readonly continue: string | null;
  readonly remaining: number;
}

export type FindingSort = "severity" | "-severity" | "namespace" | "-namespace" | "code" | "-code";

export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly endpoint: string;
  readonly clientTls: ClientTls;
  readonly now: ReachOutcome;
  readonly then: ReachOutcome;
  readonly breaks: boolean;
  readonly basis: ClientBasis;
}

export type GateOutcome = "PASS" | "FAIL" | "INCONCLUSIVE";

export interface GateOverride {
  readonly gates: readonly string[];
  readonly by: string;
  readonly at: Instant;
  readonly comment: string;
  readonly used: boolean;
  readonly force: boolean;
  readonly covers: Readonly<Record<string, readonly string[]>>;
}

export interface GateResult {
  readonly gate: string;
  readonly result: GateOutcome;
  readonly reason: Reason;
  readonly message: string;
  readonly evidence: readonly string[];
  readonly evaluatedAt: Instant;
}

export interface GatesBody {
  readonly plaintextWindow?: Duration;
  readonly noSamples?: NoSamplesRule;
  readonly soak?: Duration;
  readonly probes?: boolean;
  readonly audit?: Duration;
  readonly approval?: ApprovalRule;
  readonly changeWindows?: readonly string[];
  readonly hooks?: readonly HookBody[];
}

export interface GivenApproval {
  readonly subject: string;
  readonly by: string;
  readonly at: Instant;
  readonly comment: string;
  readonly generation: number;
  readonly impactHash: string;
}

export type HazardCode = "PROBES_NOT_REWRITTEN" | "METRICS_SCRAPED_FROM_APPLICATION" | "HEADLESS_WITH_MIXED_ENDPOINTS" | "CALLED_BY_ADDRESS" | "CALLED_FROM_OUTSIDE" | "CALLED_BY_API_SERVER" | "INIT_CONTAINER_BEFORE_PROXY" | "JOB_WITHOUT_PROXY" | "HOST_NETWORK_OR_HOST_PORT" | "DESTINATION_RULE_DISABLES_MTLS" | "SUBSET_WITHOUT_TLS" | "COMPETING_POLICIES" | "PORT_LEVEL_KEY_IS_SERVICE_PORT" | "PORT_LEVEL_WITHOUT_SELECTOR" | "SELECTOR_IN_ROOT_NAMESPACE" | "INBOUND_PORT_BYPASSES_PROXY" | "DISABLE_IN_FORCE" | "NO_USABLE_TELEMETRY" | "SERVER_FIRST_PROTOCOL" | "APPLICATION_TLS_FROM_OUTSIDE" | "SEVERAL_CLUSTERS" | "WORKLOAD_ENTRY_WITHOUT_TLS_MODE" | "AMBIENT_PARTICULARS" | "UNCAPTURED_PODS" | "CLUSTER_WITHOUT_TLS" | "WORKLOAD_POLICY_WEAKER_THAN_TARGET" | "POLICY_OF_ANOTHER_OWNER" | "AUTHORIZATION_BY_PEER_IDENTITY" | "UNREADABLE_OBJECT" | "SIDECAR_INGRESS_TLS" | "OUTSIDE_DISCOVERY" | "EQUAL_TIMESTAMPS_ON_AMBIENT" | "SERVICE_ENTRY_WITHOUT_MTLS" | "UNCAPTURED_UNDER_STRICT" | "AUTO_MTLS_OFF" | "PORT_POLICY_WITHOUT_MODE_ON_AMBIENT";

export interface HistoryHole {
  readonly from: Instant;
  readonly until: Instant;
}

export interface HistoryLimit {
  readonly kind: HistoryLimitKind;
  readonly message: string;
}

export type HistoryLimitKind = "HISTORY_SHORT" | "HOLES" | "NOBODY_SEEN" | "SEEN_ONCE" | "UNKNOWN_CLIENTS" | "OTHERS" | "UNDATED_CALLS" | "STRICT" | "RESOLUTION";

export interface HookBody {
  readonly url: string;
  readonly when: HookWhen;
}

export type HookWhen = "BEFORE_LOCK" | "AFTER_LOCK" | "AFTER_ROLLBACK";

export interface IgnoreBody {
  readonly workload?: string;
  readonly cidr?: string;
  readonly comment: string;
}

export interface IgnoredClient {
  readonly id: string;
  readonly workload: string | null;
  readonly cidr: string | null;
}

export interface IgnoredClientBody {
  readonly cidr?: string;
  readonly workload?: string;
}

export interface IgnoredClientList {
  readonly items: readonly IgnoredClient[];
  readonly continue: string | null;
  readonly remaining: number;
}

export interface Impact {
  readonly subject: string;
  readonly mode: MtlsMode;
  readonly basis: string;
  readonly hash: string;
  readonly total: number;
  readonly breaking: number;
  readonly changes: readonly PolicyChange[];
  readonly flows: readonly Flow[];
  readonly continue: string | null;
  readonly remaining: number;
}

export interface InstalledRatchet {
  readonly state: RatchetState;
  readonly detail: string;
  readonly held: readonly string[];
  readonly lifted: readonly string[];
}

export type Instant = string;

export type KnownBy = "PROXY" | "ADDRESS" | "NOTHING";

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

export type LocalDate = string;

export interface LosingPolicy {
  readonly policy: ObjectRef;
  readonly whyNot: string;
}

export interface Mesh {
  readonly rootNamespace: string;
  readonly mode: MtlsMode;
  readonly decidedBy: ObjectRef | null;
  readonly autoMtls: boolean;
  readonly trustDomain: string;
  readonly counts: MeshCounts;
  readonly plaintext: MeshPlaintext;
  readonly observedAt: Instant;
  readonly sources: readonly MeshSource[];
  readonly service: Service;
}

export interface MeshCounts {
  readonly namespaces: number;
  readonly workloads: number;
  readonly pods: number;
  readonly byPosture: Readonly<Record<string, number>>;
  readonly byDataPlane: Readonly<Record<string, number>>;
  readonly byPhase: Readonly<Record<string, number>>;
}

export interface MeshHistory {
  readonly from: Instant;
  readonly to: Instant;
  readonly step: Duration;
  readonly knownSince: Instant | null;
  readonly points: readonly MeshHistoryPoint[];
}

export interface MeshHistoryPoint {
  readonly at: Instant;
  readonly calls: SecuredCalls;
  readonly namespaces: Readonly<Record<string, number>> | null;
  readonly workloads: Readonly<Record<string, number>> | null;
  readonly phases: Readonly<Record<string, number>> | null;
}

export interface MeshPlaintext {
  readonly window: Duration;
  readonly clients: number;
  readonly namespaces: number;
  readonly byEvidence: Readonly<Record<string, number>>;
}

export interface MeshSource {
  readonly source: string;
  readonly asOf: Instant | null;
  readonly problem: string;
}

export type MtlsMode = "UNSET" | "DISABLE" | "PERMISSIVE" | "STRICT";

export interface Namespace {
  readonly name: string;
  readonly posture: Posture;
  readonly mode: MtlsMode;
  readonly decidedBy: ObjectRef | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly workloads: number;
  readonly captured: number;
  readonly pods: number;
  readonly capturedPods: number;
  readonly plaintextClients: number | null;
  readonly evidence: EvidenceState;
  readonly findings: Readonly<Record<string, number>>;
  readonly phase: StepPhase | null;
  readonly plan: string | null;
}

export interface NamespaceList {
  readonly items: readonly Namespace[];
  readonly continue: string | null;
  readonly remaining: number;
}

export type NamespaceOutlook = "LOCKED" | "EXEMPT" | "AS_IT_IS";

export interface NamespacePair {
  readonly from: string;
  readonly to: string;
  readonly calls: number;
  readonly ok: number;
  readonly refused: number;
  readonly refusedThen?: number;
}

export type NamespaceSort = "name" | "-name" | "posture" | "-posture" | "workloads" | "-workloads" | "captured" | "-captured" | "pods" | "-pods" | "capturedPods" | "-capturedPods" | "plaintextClients" | "-plaintextClients" | "findings" | "-findings" | "phase" | "-phase";

export interface NamespaceWindow {
  readonly namespace: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly resolution: Duration;
  readonly evidence: EvidenceState;
  readonly reason: string | null;
  readonly detail: string;
  readonly knownFrom: Instant | null;
  readonly holes: readonly HistoryHole[];
  readonly window: Duration | null;
  readonly decidedBy: string | null;
  readonly clients: readonly PlaintextClient[];
  readonly clientCount: number;
  readonly bucket: Duration;
  readonly plans: readonly PlanWindow[];
  readonly limits: readonly HistoryLimit[];
}

export type NoSamplesRule = "HOLD" | "PASS";

export interface NoticeTest {
  readonly receiver: string;
  readonly outcome: Reception;
  readonly detail: string;
}

export interface ObjectRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface Obstacle {
  readonly namespace: string;
  readonly kind: ObstacleKind;
  readonly message: string;
}

export type ObstacleKind = "OWNED_BY_CONTROLLER" | "OWNED_BY_PERSON" | "ADOPTION_NEEDED" | "UNREADABLE_POLICY" | "OVERLAPPING_EXCEPTIONS" | "EXCEPTION_WITHOUT_SELECTOR" | "WEAKER_WORKLOAD_POLICY" | "ROOT_NAMESPACE" | "CHANGED_BY_OTHERS" | "NAMESPACES_OPEN";

export interface OverrideBody {
  readonly gates: readonly string[];
  readonly comment: string;
  readonly force?: boolean;
}

export interface Owner {
  readonly owner: string | null;
  readonly namespaces: Readonly<Record<string, number>>;
  readonly items: number;
  readonly unblocks: number;
}

export interface OwnerList {
  readonly items: readonly Owner[];
  readonly continue: string | null;
  readonly remaining: number;
}

export interface PairBody {
  readonly from: string;
  readonly to: string;
}

export interface PlaintextClient {
  readonly client: string;
  readonly owner: string | null;
  readonly calls: number;
  readonly firstCall: Instant | null;
  readonly lastCall: Instant | null;
  readonly longestSilence: ClientSilence | null;
  readonly seenSilence: ClientSilence | null;
  readonly sinceLastCall: Duration | null;
  readonly window: Duration | null;
  readonly undatedBefore: Instant | null;
  readonly buckets: readonly CallBucket[];
}

export interface Plan {
  readonly kind: "Plan";
  readonly name: string;
  readonly target: PlanTarget;
  readonly scope: ScopeBody | null;
  readonly waves: readonly Wave[];
  readonly gates: GatesBody;
  readonly verification: VerificationBody;
  readonly onFailure: FailureRule;
  readonly apply: PlanApply;
  readonly adopt: boolean;
  readonly exceptions: readonly ExceptionBody[];
  readonly start: Start;
  readonly phase: PlanPhase;
  readonly generation: number;
  readonly uid: string;
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly exempt: Readonly<Record<string, string>>;
  readonly observation: string;
  readonly progress: Progress;
  readonly waitingOn: readonly Waiting[];
  readonly waitingCount: number;
  readonly approvals: readonly GivenApproval[];
  readonly allowedActions: readonly string[];
}

export type PlanApply = "DIRECT" | "MANIFEST";

export interface PlanBody {
  readonly waves?: readonly WaveBody[];
  readonly gates?: GatesBody;
  readonly apply?: PlanApply;
  readonly adopt?: boolean;
  readonly scope?: ScopeBody;
  readonly start?: Start;
  readonly onFailure?: FailureRule;
  readonly verification?: VerificationBody;
  readonly exceptions?: readonly ExceptionBody[];
  readonly target?: PlanTarget;
  readonly name: string;
}

export type PlanOrExceptionPreview = Plan | ExceptionPreview;

export type PlanOrPreview = Plan | PlanPreview;

export type PlanPhase = "DRAFT" | "RUNNING" | "PAUSED" | "COMPLETED" | "ABORTED" | "ROLLED_BACK" | "CLEANED_UP";

export interface PlanPreview {
  readonly kind: "PlanPreview";
  readonly name: string;
  readonly dryRun: boolean;
  readonly spec: PlanBody;
  readonly waves: readonly Wave[];
  readonly changes: readonly PolicyChange[];
  readonly exempt: Readonly<Record<string, string>>;
  readonly obstacles: readonly Obstacle[];
  readonly warnings: readonly string[];
  readonly observation: string;
}

export type PlanSort = "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt";

export interface PlanSummary {
  readonly name: string;
  readonly target: PlanTarget;
  readonly phase: PlanPhase;
  readonly generation: number;
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly progress: Progress;
  readonly allowedActions: readonly string[];
}

export interface PlanSummaryList {
  readonly items: readonly PlanSummary[];
  readonly continue: string | null;
  readonly remaining: number;
}

export type PlanTarget = "NAMESPACES" | "MESH";

export interface PlanWindow {
  readonly plan: string;
  readonly plaintextWindow: Duration;
  readonly warnings: readonly string[];
}

export interface PlanWindows {
  readonly plaintextWindow: Duration;
  readonly soak: Duration;
  readonly audit: Duration | null;
  readonly verificationDuration: Duration;
}

export interface Policy {
  readonly namespace: string;
  readonly name: string;
  readonly scope: PolicyScope | null;
  readonly selector: Readonly<Record<string, string>>;
  readonly mode: MtlsMode | null;
  readonly portLevelMtls: Readonly<Record<string, MtlsMode>>;
  readonly effective: boolean;
  readonly whyNot: string;
  readonly createdAt: Instant | null;
  readonly managers: readonly string[];
}

export interface PolicyChange {
  readonly policy: ObjectRef;
  readonly action: ChangeAction;
  readonly before: PolicySpec | null;
  readonly after: PolicySpec | null;
  readonly purpose: PolicyPurpose;
  readonly weakens: boolean;
  readonly why: string;
}

export interface PolicyList {
  readonly items: readonly Policy[];
  readonly continue: string | null;
  readonly remaining: number;
}

export type PolicyPurpose = "EXCEPTION" | "EXEMPT" | "ENABLE" | "LOCK" | "NEWBORN" | "ROLLBACK" | "CLEANUP";

export type PolicyScope = "MESH" | "NAMESPACE" | "WORKLOAD" | "NONE";

export type PolicySort = "namespace" | "-namespace" | "name" | "-name" | "createdAt" | "-createdAt";

export interface PolicySpec {
  readonly selector: Readonly<Record<string, string>>;
  readonly mode: MtlsMode;
  readonly portLevelMtls: Readonly<Record<string, MtlsMode>>;
}

export type Posture = "STRICT" | "PERMISSIVE" | "DISABLED" | "MIXED" | "UNCAPTURED";

export interface ProbeBody {
  readonly pairs?: readonly PairBody[];
}

export interface ProbeCoverage {
  readonly representative: boolean;
  readonly probes: number;
  readonly whole: number;
}

export type ProbeOutcome = "OK" | "REFUSED" | "UNREACHABLE" | "TIMEOUT" | "SKIPPED";

export interface ProbeRun {
  readonly id: string;
  readonly state: ProbeRunState;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly total: number;
  readonly coverage: ProbeCoverage;
  readonly made: number;
  readonly cells: readonly Cell[];
}

export type ProbeRunState = "RUNNING" | "DONE";

export interface Problem {
  readonly type: string;
  readonly code: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly errors?: readonly FieldError[];
  readonly allowedActions?: readonly string[];
  readonly incident?: string;
}

export interface Progress {
  readonly total: number;
  readonly byPhase: Readonly<Record<string, number>>;
  readonly percent: number;
  readonly eta: Duration | null;
}

export interface Ratchet {
  readonly mesh: boolean;
  readonly namespaces: readonly RatchetEntry[];
  readonly open: readonly string[];
  readonly installed: InstalledRatchet;
  readonly objects: readonly unknown[];
}

export interface RatchetEntry {
  readonly namespace: string;
  readonly exceptions: readonly string[];
}

export type RatchetState = "ENFORCED" | "INCOMPLETE" | "ABSENT" | "UNKNOWN";

export type ReachOutcome = "OK" | "REFUSED";

export type ReachabilityRow = NamespacePair | ReachableCall;

export interface ReachableCall {
  readonly from: ReachableClient;
  readonly to: ReachableServer;
  readonly clientTls: ClientTls;
  readonly outcome: ReachOutcome;
  readonly then?: ReachOutcome;
  readonly decidedBy: readonly ObjectRef[];
}

export interface ReachableClient {
  readonly namespace: string;
  readonly name: string;
}

export interface ReachableServer {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  readonly workload: string | null;
  readonly pod: string | null;
  readonly targetPort: number;
}

export interface Readiness {
  readonly namespace: string;
  readonly verdict: ReadinessVerdict;
  readonly basis: string;
  readonly gates: readonly GateResult[];
  readonly plaintextAt: Instant | null;
  readonly servers: readonly ServerWatch[];
  readonly warnings: readonly string[];
}

export type ReadinessVerdict = "READY" | "BLOCKED" | "INCONCLUSIVE";

export type Reason = "HOLDS" | "NOT_ASKED_FOR" | "OVERRIDDEN" | "NOTHING_CAPTURED" | "PODS_UNCAPTURED" | "HAZARD_FOUND" | "PLAINTEXT_CLIENTS" | "NO_SAMPLES" | "NOT_WATCHED" | "WATCH_TOO_SHORT" | "LOGS_NOT_KEPT" | "LOG_FORMAT_INCOMPLETE" | "PODS_END_EARLY" | "CALLERS_UNTOLD" | "STRICT_WITHIN_WINDOW" | "CRON_JOB_PERIOD" | "EVIDENCE_UNAVAILABLE" | "STALE_OBSERVATION" | "PROBE_FAILED" | "PROBE_MISSING" | "PROXIES_NOT_SYNCED" | "DRY_RUN_REFUSED" | "SOAKING" | "OUTSIDE_CHANGE_WINDOW" | "HOOK_REFUSED" | "HOOK_PENDING" | "APPROVAL_MISSING" | "APPROVAL_VOIDED" | "BELOW_LEAST" | "POLICY_OWNED_BY_OTHER" | "AUDIT_AWAITED" | "AUDIT_RUNS" | "AUDIT_IMPOSSIBLE" | "WOULD_BE_REFUSED" | "WAITS_FOR_WAVE" | "WAITS_FOR_PLAN" | "NAMESPACES_NOT_LOCKED" | "PLAN_STARTED" | "PLAN_PAUSED" | "GATES_HOLD" | "APPROVED" | "DISABLE_IN_FORCE" | "WRITE_DONE" | "WRITE_CONFLICT" | "WRITE_REFUSED" | "API_UNAVAILABLE" | "MANIFEST_AWAITED" | "VERIFICATION_RUNS" | "VERIFIED" | "CLIENTS_REFUSED" | "CLIENTS_FAILING" | "NOT_ENFORCED" | "EVIDENCE_LOST" | "WEAKENED_BY_OTHER" | "NAMESPACE_RECREATED" | "NAMESPACE_GONE" | "REQUESTED" | "UNDONE" | "PLAN_ABORTED" | "ALREADY_STRICT" | "EXEMPT_BY_DEFAULT" | "BORN_DURING_LOCKDOWN" | "HOOK_DELIVERED" | "HOOK_FAILED" | "RATCHET_LIFTED";

export type Reception = "ACCEPTED" | "REFUSED" | "FAILED" | "NOT_CALLED";

export interface Report {
  readonly plan: string;
  readonly target: PlanTarget;
  readonly phase: PlanPhase;
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly progress: Progress;
  readonly approvals: readonly GivenApproval[];
  readonly exceptions: readonly ExceptionBody[];
  readonly exempt: Readonly<Record<string, string>>;
  readonly open: Readonly<Record<string, string>>;
  readonly mesh: ReportLine | null;
  readonly namespaces: readonly ReportLine[];
}

export interface ReportLine {
  readonly namespace: string;
  readonly wave: string | null;
  readonly phase: StepPhase;
  readonly since: Instant;
  readonly message: string;
  readonly lockedAt: Instant | null;
  readonly evidence: readonly GateResult[];
  readonly overrides: readonly GateOverride[];
  readonly policies: readonly WrittenPolicy[];
  readonly automaticRollbacks: number;
}

export interface ScopeBody {
  readonly namespaces?: readonly string[];
  readonly selector?: LabelSelector;
}

export interface SecuredCalls {
  readonly evidence: EvidenceState;
  readonly mutualTls: number | null;
  readonly plaintext: number | null;
  readonly unknown: number | null;
  readonly ownMutualTls: number | null;
  readonly ownPlaintext: number | null;
  readonly mutualTlsShare: number | null;
  readonly reason: string | null;
  readonly detail: string;
}

export interface ServerWatch {
  readonly workload: string;
  readonly reason: Reason;
  readonly since: Instant | null;
  readonly enoughAt: Instant | null;
  readonly detail: string;
}

export interface Service {
  readonly version: string;
  readonly commit: string | null;
  readonly grafana: string | null;
}

export type Severity = "BLOCKER" | "WARNING" | "INFO";

export type Start = "ON_COMMAND" | "WHEN_ACCEPTED";

export interface Step {
  readonly plan: string;
  readonly namespace: string;
  readonly wave: string | null;
  readonly phase: StepPhase;
  readonly since: Instant;
  readonly reason: Reason;
  readonly message: string;
  readonly gates: readonly GateResult[];
  readonly heldSince: Instant | null;
  readonly verifyingUntil: Instant | null;
  readonly lastProbe: readonly Cell[];
  readonly policies: readonly WrittenPolicy[];
  readonly overrides: readonly GateOverride[];
  readonly automaticRollbacks: number;
  readonly request: StepRequest | null;
  readonly health: StepHealth | null;
  readonly allowedActions: readonly string[];
}

export type StepAction = "RETRY" | "ROLLBACK" | "EXEMPT" | "SKIP" | "OVERRIDE" | "APPROVE";

export interface StepHealth {
  readonly since: Instant;
  readonly reason: Reason;
  readonly message: string;
}

export interface StepList {
  readonly items: readonly Step[];
  readonly continue: string | null;
  readonly remaining: number;
}

export type StepPhase = "PENDING" | "OBSERVING" | "AUDITING" | "READY" | "AWAITING_APPROVAL" | "LOCKING" | "VERIFYING" | "LOCKED" | "BLOCKED" | "ROLLING_BACK" | "ROLLED_BACK" | "EXEMPT" | "SKIPPED" | "DRIFTED";

export interface StepRequest {
  readonly action: StepAction;
  readonly by: string;
  readonly comment: string;
  readonly at: Instant;
}

export type StepSort = "namespace" | "-namespace" | "phase" | "-phase" | "since" | "-since" | "automaticRollbacks" | "-automaticRollbacks";

export interface Traffic {
  readonly window: Duration;
  readonly asOf: Instant;
  readonly items: readonly TrafficEdge[];
  readonly continue: string | null;
  readonly remaining: number;
  readonly gaps: readonly TrafficGap[];
  readonly gapCount: number;
}

export interface TrafficClient {
  readonly kind: ClientKind;
  readonly workloadKind: string | null;
  readonly address: string | null;
  readonly node: string | null;
  readonly service: string | null;
  readonly owner: string | null;
  readonly knownBy: KnownBy;
}

export interface TrafficEdge {
  readonly from: string;
  readonly to: string;
  readonly port: number | null;
  readonly protocol: string;
  readonly security: TrafficSecurity;
  readonly count: number;
  readonly ownProbes: number;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  readonly source: string;
  readonly client: TrafficClient;
}

export interface TrafficGap {
  readonly namespace: string;
  readonly state: EvidenceState;
  readonly reason: string | null;
  readonly detail: string;
}

export type TrafficSecurity = "MUTUAL_TLS" | "PLAINTEXT";

export type TrafficSort = "from" | "-from" | "to" | "-to" | "security" | "-security" | "count" | "-count" | "firstSeen" | "-firstSeen" | "lastSeen" | "-lastSeen";

export interface UnblockedNamespace {
  readonly namespace: string;
  readonly only: boolean;
}

export interface UndraftedWorkload {
  readonly workload: ObjectRef;
  readonly reason: string;
}

export interface UnreadObject {
  readonly source: string;
  readonly document: number;
  readonly line: number;
  readonly column: number;
  readonly pointer: string;
  readonly message: string;
}

export interface VerificationBody {
  readonly duration?: Duration;
  readonly maxRefusals?: number;
  readonly maxClientFailureRatio?: number;
  readonly ignoreClients?: readonly IgnoredClientBody[];
}

export interface Waiting {
  readonly namespace: string;
  readonly gate: string;
  readonly reason: Reason;
  readonly message: string;
  readonly since: Instant;
}

export interface Wave {
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly members: readonly WaveMember[];
}

export interface WaveBody {
  readonly name: string;
  readonly namespaces?: readonly string[];
  readonly selector?: LabelSelector;
}

export interface WaveMember {
  readonly namespace: string;
  readonly reason: string;
}

export interface WhatIf {
  readonly mode: MtlsMode;
  readonly changes: readonly PolicyChange[];
  readonly obstacles: readonly Obstacle[];
  readonly postures: Readonly<Record<string, Posture>>;
  readonly breaking: number | null;
  readonly breaks: readonly ReachableCall[];
  readonly breaksFromOutside: readonly Finding[];
}

export interface WindowsBody {
  readonly plaintextWindow: Duration;
  readonly soak: Duration;
  readonly audit?: Duration;
  readonly verificationDuration: Duration;
  readonly override?: boolean;
  readonly comment?: string;
}

export type WireAnswer = "ANSWERED" | "RESET" | "UNKNOWN";

export type WireBasis = "BEGINNING" | "PARTIAL_HELLO" | "MIDSTREAM" | "NOTHING_SENT";

export interface WireCheck {
  readonly id: string;
  readonly state: WireCheckState;
  readonly namespace: string;
  readonly workload: string;
  readonly pod: string;
  readonly ports: readonly WirePort[];
  readonly duration: Duration;
  readonly maxPackets: number;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly endedBy: WireEnd | null;
  readonly verdict: WireVerdict | null;
  readonly packets: number;
  readonly lost: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly connections: readonly WireConnection[];
  readonly failure: WireFailure | null;
}

export interface WireCheckBody {
  readonly namespace: string;
  readonly workload?: string;
  readonly pod?: string;
  readonly port?: number;
  readonly duration?: Duration;
  readonly maxPackets?: number;
}

export interface WireCheckList {
  readonly items: readonly WireCheck[];
  readonly continue: string | null;
  readonly remaining: number;
}

export type WireCheckState = "RUNNING" | "DONE" | "FAILED";

export interface WireConnection {
  readonly peer: string;
  readonly workload: string | null;
  readonly node: string | null;
  readonly port: number;
  readonly security: WireSecurity;
  readonly basis: WireBasis;
  readonly answer: WireAnswer;
  readonly firstBytes: string;
  readonly sni: string;
  readonly alpn: readonly string[];
  readonly startedAt: Instant;
}

export type WireEnd = "TIME" | "PACKETS" | "SIZE";

export interface WireFailure {
  readonly code: WireFailureCode;
  readonly reason: string;
  readonly remedy: string;
}

export type WireFailureCode = "NO_PROXY" | "NO_TCPDUMP" | "NOT_PRIVILEGED" | "FORBIDDEN" | "POD_GONE" | "UNREACHABLE" | "CAPTURE_FAILED" | "TIMED_OUT";

export interface WirePort {
  readonly port: number;
  readonly bypassed: boolean;
}

export type WireSecurity = "PLAINTEXT" | "TLS" | "ISTIO_MTLS" | "UNKNOWN";

export type WireVerdict = "PLAINTEXT_SEEN" | "OTHER_TLS_SEEN" | "INCONCLUSIVE" | "PLAINTEXT_REFUSED" | "ONLY_ISTIO_MTLS" | "NO_TRAFFIC";

export interface WorklistItem {
  readonly kind: WorklistKind;
  readonly subject: ObjectRef;
  readonly owner: string | null;
  readonly plan: string | null;
  readonly unblocks: readonly UnblockedNamespace[];
  readonly unblocksCount: number;
  readonly unblocksAlone: number;
  readonly share: number;
  readonly title: string;
  readonly why: string;
  readonly advice: string;
  readonly remedy: string;
  readonly evidence: readonly string[];
  readonly firstSeen: Instant | null;
  readonly lastSeen: Instant | null;
  readonly calls: number;
}

export interface WorklistItemList {
  readonly items: readonly WorklistItem[];
  readonly continue: string | null;
  readonly remaining: number;
}

export type WorklistKind = "INJECT_CLIENT" | "INJECT_SERVER" | "RESTART_POD" | "FIX_DESTINATION_RULE" | "MOVE_SCRAPE_PORT" | "REWRITE_PROBE" | "NAME_PORT" | "FIX_CLIENT" | "IDENTIFY_CLIENT" | "GIVE_EXCEPTION" | "FIX_POLICY" | "CLEAR_HAZARD" | "ADOPT_POLICY" | "MEND_EVIDENCE" | "KEEP_LOGS" | "LENGTHEN_WINDOW" | "CLEAR_GATE" | "APPROVE" | "DECIDE_HELD";

export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly dataPlane: DataPlane;
  readonly mode: MtlsMode | null;
  readonly decidedBy: ObjectRef | null;
  readonly pods: number;
  readonly capturedPods: number;
  readonly ports: readonly WorkloadPort[];
  readonly losingPolicies: readonly LosingPolicy[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface WorkloadList {
  readonly items: readonly Workload[];
  readonly continue: string | null;
  readonly remaining: number;
}

export interface WorkloadPort {
  readonly port: number;
  readonly protocol: string;
  readonly mode: MtlsMode | null;
  readonly decidedBy: ObjectRef | null;
  readonly bypassed: boolean;
}

export type WorkloadSort = "namespace" | "-namespace" | "name" | "-name" | "kind" | "-kind" | "dataPlane" | "-dataPlane" | "mode" | "-mode" | "pods" | "-pods" | "capturedPods" | "-capturedPods";

export interface WrittenPolicy {
  readonly policy: ObjectRef;
  readonly action: ChangeAction;
  readonly before: PolicySpec | null;
  readonly after: PolicySpec | null;
  readonly previousMode: MtlsMode;
  readonly previousPorts: Readonly<Record<string, MtlsMode>>;
  readonly purpose: PolicyPurpose;
  readonly writtenAt: Instant;
}


/** What counts where the body of a plan says nothing. */
export const PLAN_DEFAULTS = {
  "target" : "NAMESPACES",
  "gates" : {
    "plaintextWindow" : "PT24H",
    "noSamples" : "HOLD",
    "soak" : "PT30M",
    "probes" : true,
    "approval" : "NONE",
    "changeWindows" : [ ],
    "hooks" : [ ]
  },
  "verification" : {
    "duration" : "PT10M",
    "maxRefusals" : 0,
    "maxClientFailureRatio" : 0.001,
    "ignoreClients" : [ ]
  },
  "onFailure" : "ROLLBACK",
  "apply" : "DIRECT",
  "adopt" : false,
  "exceptions" : [ ],
  "start" : "ON_COMMAND"
} as const satisfies Omit<PlanBody, "name">;
