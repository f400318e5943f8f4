// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.plan.PlanBuilders.exception;
import static io.mtlsmigration.plan.PlanBuilders.plan;
import static io.mtlsmigration.plan.PlanBuilders.wave;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanBuilders.PlanBuilder;
import io.mtlsmigration.plan.PlanSpec.Approval;
import io.mtlsmigration.plan.PlanSpec.Gates;
import io.mtlsmigration.plan.PlanSpec.Hook;
import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.plan.PlanSpec.NoSamples;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PlanSpec.Scope;
import io.mtlsmigration.plan.PlanSpec.Target;
import io.mtlsmigration.plan.PlanSpec.Verification;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlannerProblemsTest {

  private static final Map<String, String> HTTPBIN = Map.of("app", "httpbin");
  private static final LabelSelector NOBODY = LabelSelector.ofLabels(Map.of("team", "none"));

  static Stream<Arguments> shapes() {
    return Stream.of(
        wrong("/name INVALID_NAME", plan().name("Q4 plan")),
        wrong("/name INVALID_NAME", plan().name("")),
        wrong("/name INVALID_NAME", plan().name("a".repeat(64))),
        wrong("", plan().name("a".repeat(63))),
        wrong("/name INVALID_NAME", plan().name("-a")),
        wrong("/name INVALID_NAME", plan().name("a.b")),
        wrong("/scope/namespaces/1 UNKNOWN_NAMESPACE", plan().scope("foo", "nowhere")),
        wrong("/scope/namespaces/0 ROOT_NAMESPACE", plan().scope("istio-system")),
        wrong("/scope/namespaces/1 DUPLICATE_NAMESPACE", plan().scope("foo", "foo")),
        wrong(
            "/scope/selector SCOPE_EMPTY",
            plan().target(Target.NAMESPACES).scope(new Scope(List.of(), NOBODY))),
        wrong("/scope SCOPE_NARROWER_THAN_MESH", plan().scope("foo").target(Target.MESH)),
        wrong(
            "", plan().scope(new Scope(List.of(), LabelSelector.EVERYTHING)).target(Target.MESH)));
  }

  static Stream<Arguments> waves() {
    LabelSelector rest = LabelSelector.EVERYTHING;
    return Stream.of(
        wrong(
            "/waves/0/namespaces/0 UNKNOWN_NAMESPACE",
            plan().waves(wave("a", "nowhere"), wave("rest", rest))),
        wrong(
            "/waves/0/namespaces/0 ROOT_NAMESPACE",
            plan().waves(wave("a", "istio-system"), wave("rest", rest))),
        wrong("/waves/0 WAVE_WITHOUT_MEMBERS", plan().waves(wave("a"), wave("rest", rest))),
        wrong(
            "/waves/0/selector WAVE_WITHOUT_MEMBERS",
            plan().waves(wave("a", NOBODY), wave("rest", rest))),
        wrong(
            "",
            plan()
                .waves(
                    wave("a", "foo", "bar", "legacy", "kube-system", "split"), wave("rest", rest))),
        wrong(
            "/waves/1/namespaces/1 OVERLAPPING_WAVES",
            some().waves(wave("a", "foo"), wave("b", "bar", "foo"))),
        wrong(
            "/waves/0/namespaces/1 OVERLAPPING_WAVES",
            some().waves(wave("a", "foo", "foo", "bar"))),
        wrong("/waves/1/name DUPLICATE_WAVE", some().waves(wave("a", "foo"), wave("a", "bar"))),
        wrong("/waves/0/name INVALID_NAME", some().waves(wave("A wave", "foo", "bar"))),
        wrong("/waves NAMESPACES_WITHOUT_WAVE", plan().waves(wave("a", "foo"))),
        wrong("/waves NAMESPACES_WITHOUT_WAVE", plan().scope("foo", "bar").waves(wave("a", "foo"))),
        wrong("", plan().target(Target.NAMESPACES).waves(wave("a", "foo"))),
        wrong(
            "/waves/0/namespaces/1 NAMESPACE_OUT_OF_SCOPE",
            plan().scope("foo").waves(wave("a", "foo", "bar"))));
  }

  static Stream<Arguments> durations() {
    Duration hour = Duration.ofHours(1);
    Duration century = Duration.ofDays(36_500);
    return Stream.of(
        wrong(
            "/gates/plaintextWindow DURATION_NOT_POSITIVE",
            plan().gates(gates(Duration.ZERO, hour, null))),
        wrong(
            "/gates/plaintextWindow DURATION_NOT_POSITIVE",
            plan().gates(gates(hour.negated(), hour, null))),
        wrong("/gates/plaintextWindow DURATION_TOO_LONG", plan().gates(gates(century, hour, null))),
        wrong("", plan().gates(gates(hour, Duration.ZERO, null))),
        wrong("/gates/soak DURATION_NEGATIVE", plan().gates(gates(hour, hour.negated(), null))),
        wrong("/gates/soak DURATION_TOO_LONG", plan().gates(gates(hour, century, null))),
        wrong("/gates/audit DURATION_NOT_POSITIVE", plan().gates(gates(hour, hour, Duration.ZERO))),
        wrong("/gates/audit DURATION_TOO_LONG", plan().gates(gates(hour, hour, century))),
        wrong(
            "/verification/duration DURATION_NOT_POSITIVE",
            plan().verification(verification(Duration.ZERO, 0, 0))),
        wrong(
            "/verification/duration DURATION_TOO_SHORT",
            plan().verification(verification(Duration.ofSeconds(107), 0, 0))),
        wrong("", plan().verification(verification(Duration.ofSeconds(108), 0, 1))),
        wrong(
            "/verification/duration DURATION_TOO_LONG",
            plan().verification(verification(century, 0, 0))),
        wrong(
            "/verification/maxRefusals NEGATIVE_COUNT",
            plan().verification(verification(hour, -1, 0))),
        wrong(
            "/verification/maxClientFailureRatio RATIO_OUT_OF_RANGE",
            plan().verification(verification(hour, 0, 1.01))),
        wrong(
            "/verification/maxClientFailureRatio RATIO_OUT_OF_RANGE",
            plan().verification(verification(hour, 0, -0.01))),
        wrong(
            "/verification/maxClientFailureRatio RATIO_OUT_OF_RANGE",
            plan().verification(verification(hour, 0, Double.NaN))));
  }

  static Stream<Arguments> exceptions() {
    PolicyException good = exception("foo", HTTPBIN, 9090);
    LocalDate yesterday = LocalDate.of(2025, 12, 31);
    return Stream.of(
        wrong("", plan().exceptions(good)),
        wrong(
            "/exceptions/1/namespace UNKNOWN_NAMESPACE",
            plan().exceptions(good, exception("nowhere", HTTPBIN, 9090))),
        wrong(
            "/exceptions/0/namespace ROOT_NAMESPACE",
            plan().exceptions(exception("istio-system", HTTPBIN, 9090))),
        wrong(
            "/exceptions/0/namespace NAMESPACE_OUT_OF_SCOPE", plan().scope("bar").exceptions(good)),
        wrong(
            "/exceptions/0/selector SELECTOR_MISSING",
            plan().exceptions(exception("foo", Map.of(), 9090))),
        wrong(
            "/exceptions/0/selector EXCEPTION_WITHOUT_PODS",
            plan().exceptions(exception("foo", Map.of("app", "httbin"), 9090))),
        wrong(
            "/exceptions/0/port PORT_OUT_OF_RANGE",
            plan().exceptions(exception("foo", HTTPBIN, 0))),
        wrong(
            "/exceptions/0/port PORT_OUT_OF_RANGE",
            plan().exceptions(exception("foo", HTTPBIN, 65_536))),
        wrong("", plan().exceptions(exception("foo", HTTPBIN, 65_535))),
        wrong(
            "/exceptions/0/owner OWNER_MISSING",
            plan().exceptions(changed(good, " ", "r", good.expires(), "/"))),
        wrong(
            "/exceptions/0/reason REASON_MISSING",
            plan().exceptions(changed(good, "o", "", good.expires(), "/"))),
        wrong(
            "/exceptions/0/expires EXCEPTION_EXPIRED",
            plan().exceptions(changed(good, "o", "r", yesterday, "/"))),
        wrong("", plan().exceptions(changed(good, "o", "r", yesterday.plusDays(1), "/"))),
        wrong(
            "/exceptions/0/plaintextPaths/0 INVALID_PATH",
            plan().exceptions(changed(good, "o", "r", good.expires(), "metrics"))),
        wrong(
            "/exceptions/0 OVERLAPPING_EXCEPTIONS",
            plan()
                .exceptions(
                    exception("split", Map.of("app", "x"), 1),
                    exception("split", Map.of("version", "1"), 2))));
  }

  @ParameterizedTest
  @MethodSource({"shapes", "waves", "durations", "exceptions"})
  void namesTheFieldAndTheReason(String expected, PlanBuilder plan) {
    PlanReport report = Planner.plan(plan.build(), MeshModes.resolve(world()));

    assertEquals(expected, found(report));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          https://hooks.example/x           |
          http://hooks.tools.svc:8080/x     |
          https://10.0.0.1/x                |
          file:///etc/passwd                | HOOK_SCHEME
          jar:file:/x.jar!/y                | HOOK_SCHEME
          ftp://hooks.example/x             | HOOK_SCHEME
          /relative                         | HOOK_SCHEME
          https:///x                        | HOOK_HOST
          https://hooks.example:0/x         | HOOK_PORT
          https://hooks.example:99999/x     | HOOK_PORT
          https://hooks.example:65535/x     |
          http://2130706433/                | HOOK_HOST
          http://0x7f000001/                | HOOK_HOST
          http://127.1/                     | HOOK_HOST
          http://127.0.0.01/                | HOOK_HOST
          https://user:secret@hooks.example | HOOK_CREDENTIALS
          http://localhost/                 | HOOK_ADDRESS
          http://LOCALHOST./                | HOOK_ADDRESS
          http://x.localhost/               | HOOK_ADDRESS
          http://127.0.0.1:8080/            | HOOK_ADDRESS
          http://127.8.8.8/                 | HOOK_ADDRESS
          http://0.0.0.0/                   | HOOK_ADDRESS
          http://169.254.169.254/latest     | HOOK_ADDRESS
          http://[::1]/                     | HOOK_ADDRESS
          http://[fe80::1]/                 | HOOK_ADDRESS
          http://[::ffff:127.0.0.1]/        | HOOK_ADDRESS
          http://[64:ff9b::7f00:1]/         | HOOK_ADDRESS
          http://[fd00:ec2::254]/latest     | HOOK_ADDRESS
          http://[fd12::1]/                 |
          """)
  void aHookLeadsOutOfTheMachine(String url, @Nullable String code) {
    PlanReport report = Planner.plan(plan().gates(hooked(url)).build(), MeshModes.resolve(world()));

    assertEquals(code == null ? "" : "/gates/hooks/0/url " + code, found(report));
  }

  @Test
  void aHookMayStayOnTheMachineWhereTheLimitsSaySo() {
    PlanReport report =
        Planner.plan(
            plan().gates(hooked("http://127.0.0.1:9000/")).build(),
            MeshModes.resolve(world()),
            PlanLimits.REAL_MESH.withHookTargets(HookTargets.allowing(List.of("127.0.0.1"))),
            CallGraph.UNKNOWN);

    assertEquals("", found(report));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.9.0/24", "0.0.0.0/0", "10.1.2.3", "2001:db8::/32", "::1/128", "::1"})
  void takesAddressRanges(String cidr) {
    assertEquals("", found(ignoring(new IgnoredClient(cidr, null))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.9.0/33",
        "10.0.9.0/",
        "10.0.9/24",
        "10.0.9.256/24",
        "010.0.0.1/24",
        "2001:db8::/129",
        "2001:db8:::/32",
        "legacy",
        "10.0.9.0/-1",
        "1:2/64"
      })
  void refusesWhatIsNoAddressRange(String cidr) {
    assertEquals(
        "/verification/ignoreClients/0/cidr INVALID_CIDR",
        found(ignoring(new IgnoredClient(cidr, null))));
  }

  static Stream<Arguments> ignored() {
    String at = "/verification/ignoreClients/0";
    return Stream.of(
        argumentSet("neither", null, null, at + " IGNORED_CLIENT_UNCLEAR"),
        argumentSet("both", "10.0.0.0/8", "legacy/curl", at + " IGNORED_CLIENT_UNCLEAR"),
        argumentSet("a workload", null, "legacy/curl", ""),
        argumentSet("half a workload", null, "curl", at + "/workload INVALID_WORKLOAD"));
  }

  @ParameterizedTest
  @MethodSource("ignored")
  void anIgnoredClientIsARangeOrAWorkload(
      @Nullable String cidr, @Nullable String workload, String expected) {
    assertEquals(expected, found(ignoring(new IgnoredClient(cidr, workload))));
  }

  @Test
  void theSandboxTakesSeconds() {
    PlanSpec spec = plan().verification(verification(Duration.ofSeconds(5), 0, 0)).build();

    PlanReport report =
        Planner.plan(spec, MeshModes.resolve(world()), PlanLimits.SANDBOX, CallGraph.UNKNOWN);

    assertEquals("", found(report));
  }

  @Test
  void findsAllProblemsAtOnce() {
    PlanSpec spec =
        plan()
            .name("?")
            .scope("nowhere")
            .waves(wave("a"))
            .gates(gates(Duration.ZERO, Duration.ZERO, null))
            .exceptions(exception("nowhere", HTTPBIN, 0))
            .build();

    PlanReport report = Planner.plan(spec, MeshModes.resolve(world()));

    assertEquals(
        List.of(
            "/name",
            "/scope/namespaces/0",
            "/waves/0",
            "/gates/plaintextWindow",
            "/exceptions/0/port",
            "/exceptions/0/namespace"),
        report.problems().stream().map(Problem::pointer).toList());
  }

  private static MeshSnapshot world() {
    return mesh(
        namespace("istio-system"),
        Worlds.foo().with(sidecarPod("done").label("app", "httbin").terminated()),
        Worlds.bar(),
        Worlds.legacy(),
        namespace("kube-system").label("team", "kube"),
        namespace("split")
            .label("team", "split")
            .with(sidecarPod("x1").label("app", "x").label("version", "1"))
            .with(sidecarPod("x2").label("app", "x").label("version", "2")));
  }

  /** A plan whose waves need not reach everybody. */
  private static PlanBuilder some() {
    return plan().target(Target.NAMESPACES);
  }

  private static Arguments wrong(String expected, PlanBuilder plan) {
    return argumentSet(expected.isEmpty() ? "nothing wrong" : expected, expected, plan);
  }

  private static String found(PlanReport report) {
    return String.join(
        ", ", report.problems().stream().map(p -> p.pointer() + " " + p.code()).toList());
  }

  private static PlanReport ignoring(IgnoredClient client) {
    Verification verification = new Verification(Duration.ofMinutes(10), 0, 0, List.of(client));
    return Planner.plan(plan().verification(verification).build(), MeshModes.resolve(world()));
  }

  private static Gates gates(Duration window, Duration soak, @Nullable Duration audit) {
    return new Gates(
        window, NoSamples.HOLD, soak, true, audit, Approval.NONE, List.of(), List.of());
  }

  private static Gates hooked(String url) {
    return new Gates(
        Duration.ofHours(1),
        NoSamples.HOLD,
        Duration.ZERO,
        true,
        null,
        Approval.NONE,
        List.of(),
        List.of(new Hook(URI.create(url), Hook.When.BEFORE_LOCK)));
  }

  private static Verification verification(Duration duration, int refusals, double ratio) {
    return new Verification(duration, refusals, ratio, List.of());
  }

  private static PolicyException changed(
      PolicyException base, String owner, String reason, LocalDate expires, String path) {
    return new PolicyException(
        base.namespace(), base.selector(), base.port(), owner, reason, expires, List.of(path));
  }
}
