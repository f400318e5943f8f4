package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.LabelSelector;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What somebody wants. Immutable; every default is already filled in, and stands here alone. */
public record PlanSpec(
    String name,
    Target target,
    Scope scope,
    List<WaveSpec> waves,
    Gates gates,
    Verification verification,
    OnFailure onFailure,
    Apply apply,
    boolean adopt,
    List<PolicyException> exceptions) {

  public PlanSpec {
    waves = List.copyOf(waves);
    exceptions = List.copyOf(exceptions);
  }

  /** What is meant where nothing is said but a name and a target. */
  public static PlanSpec standard(String name, Target target) {
    return new PlanSpec(
        name,
        target,
        Scope.EVERYTHING,
        List.of(),
        Gates.DEFAULT,
        Verification.DEFAULT,
        OnFailure.ROLLBACK,
        Apply.DIRECT,
        false,
        List.of());
  }

  /** What is meant where nothing is said but a name. */
  public static PlanSpec standard(String name) {
    return standard(name, Target.NAMESPACES);
  }

  /** The same, with one more client that may fail. */
  public PlanSpec ignoring(IgnoredClient client) {
    List<IgnoredClient> ignored = new ArrayList<>(verification.ignoreClients());
    ignored.add(client);
    return new PlanSpec(
        name,
        target,
        scope,
        waves,
        gates,
        new Verification(
            verification.duration(),
            verification.maxRefusals(),
            verification.maxClientFailureRatio(),
            ignored),
        onFailure,
        apply,
        adopt,
        exceptions);
  }

  /** The same, taking over policies of persons. */
  public PlanSpec adopting() {
    return new PlanSpec(
        name, target, scope, waves, gates, verification, onFailure, apply, true, exceptions);
  }

  /** How far the plan goes. */
  public enum Target {
    NAMESPACES,
    /** All namespaces, then the root namespace's policy. */
    MESH
  }

  /** What to do when verification fails. */
  public enum OnFailure {
    ROLLBACK,
    HOLD
  }

  /** Who writes the policies. */
  public enum Apply {
    DIRECT,
    /** The service writes nothing; it offers YAML and waits until it is in force. */
    MANIFEST
  }

  /**
   * Which namespaces. Both empty = all of the mesh.
   *
   * @param selector over namespace labels; null when only names count
   */
  public record Scope(List<String> namespaces, @Nullable LabelSelector selector) {
    public static final Scope EVERYTHING = new Scope(List.of(), null);

    public Scope {
      namespaces = List.copyOf(namespaces);
    }

    public boolean isEverything() {
      return namespaces.isEmpty() && (selector == null || selector.isEmpty());
    }
  }

  /** A wave as given: by names or by a selector over what earlier waves left. */
  public record WaveSpec(String name, List<String> namespaces, @Nullable LabelSelector selector) {
    public WaveSpec {
      namespaces = List.copyOf(namespaces);
    }
  }

  /** How the plaintext gate takes a namespace without samples. */
  public enum NoSamples {
    HOLD,
    PASS
  }

  /** What a person approves. */
  public enum Approval {
    NONE,
    WAVE,
    NAMESPACE
  }

  /**
   * What must hold before a namespace is locked.
   *
   * @param plaintextWindow for how long nobody may have sent plaintext
   * @param soak for how long all gates must have held without a break
   * @param audit length of the dry run of STRICT; null = none
   */
  public record Gates(
      Duration plaintextWindow,
      NoSamples noSamples,
      Duration soak,
      boolean probes,
      @Nullable Duration audit,
      Approval approval,
      List<ChangeWindow> changeWindows,
      List<Hook> hooks) {

    public static final Gates DEFAULT =
        new Gates(
            Duration.ofHours(24),
            NoSamples.HOLD,
            Duration.ofMinutes(30),
            true,
            null,
            Approval.NONE,
            List.of(),
            List.of());

    public Gates {
      changeWindows = List.copyOf(changeWindows);
      hooks = List.copyOf(hooks);
    }
  }

  /** A webhook: asked before a lock, told after it or after a rollback. */
  public record Hook(URI url, When when) {

    /** Of the URL only what may be shown everywhere: paths and queries may carry secrets. */
    public String host() {
      return url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
    }

    /** When it is called. */
    public enum When {
      BEFORE_LOCK,
      AFTER_LOCK,
      AFTER_ROLLBACK
    }
  }

  /**
   * What must hold after a namespace is locked.
   *
   * @param maxClientFailureRatio failed calls of mesh clients against the baseline, 0 to 1
   */
  public record Verification(
      Duration duration,
      int maxRefusals,
      double maxClientFailureRatio,
      List<IgnoredClient> ignoreClients) {

    public static final Verification DEFAULT =
        new Verification(Duration.ofMinutes(10), 0, 0.001, List.of());

    public Verification {
      ignoreClients = List.copyOf(ignoreClients);
    }
  }

  /**
   * A client that may fail: by address range or by workload ({@code namespace/name}; {@code
   * namespace/*} for all of a namespace, for who may make one workload may make the next).
   */
  public record IgnoredClient(@Nullable String cidr, @Nullable String workload) {

    private static final String ALL = "/*";

    /** Whether it is all workloads of a namespace. */
    public boolean wholeNamespace() {
      return workload != null && workload.endsWith(ALL);
    }

    /** Whether it is this workload ({@code namespace/name}). */
    public boolean names(String id) {
      return workload != null
          && (workload.equals(id)
              || (wholeNamespace() && id.startsWith(workload.substring(0, workload.length() - 1))));
    }
  }

  /**
   * What stays open.
   *
   * @param selector over pod labels; Istio allows {@code matchLabels} only
   * @param port container port; null = all ports of the workload
   */
  public record PolicyException(
      String namespace,
      Map<String, String> selector,
      @Nullable Integer port,
      String owner,
      String reason,
      LocalDate expires,
      List<String> plaintextPaths) {
    public PolicyException {
      selector = Map.copyOf(selector);
      plaintextPaths = List.copyOf(plaintextPaths);
    }
  }
}
