// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.Cidr;
import io.mtlsmigration.mesh.LabelSelector;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.time.Period;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The desired state of a plan. Immutable, with all defaults, which are defined only here. */
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
    List<PolicyException> exceptions,
    Start start) {

  /** The length of the digest in an id. */
  private static final int DIGITS = 16;

  public PlanSpec {
    waves = List.copyOf(waves);
    exceptions = List.copyOf(exceptions);
  }

  /** Returns the defaults for a name and a target. */
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
        List.of(),
        Start.ON_COMMAND);
  }

  /** Returns the defaults for a name. */
  public static PlanSpec standard(String name) {
    return standard(name, Target.NAMESPACES);
  }

  /** Returns a copy with one more client that may fail. */
  public PlanSpec ignoring(IgnoredClient client) {
    List<IgnoredClient> ignored = new ArrayList<>(verification.ignoreClients());
    ignored.add(client);
    return ignoring(ignored);
  }

  /** Returns a copy in which the client of an id may not fail. */
  public PlanSpec heeding(String id) {
    return ignoring(
        verification.ignoreClients().stream().filter(one -> !one.id().equals(id)).toList());
  }

  /** Returns a copy in which these clients may fail. */
  public PlanSpec ignoring(List<IgnoredClient> clients) {
    return with(
        gates,
        new Verification(
            verification.duration(),
            verification.maxRefusals(),
            verification.maxClientFailureRatio(),
            clients));
  }

  /** Returns a copy with these gates and this verification. */
  public PlanSpec with(Gates nextGates, Verification nextVerification) {
    return new PlanSpec(
        name,
        target,
        scope,
        waves,
        nextGates,
        nextVerification,
        onFailure,
        apply,
        adopt,
        exceptions,
        start);
  }

  /** The same, with another start. */
  public PlanSpec starting(Start when) {
    return new PlanSpec(
        name, target, scope, waves, gates, verification, onFailure, apply, adopt, exceptions, when);
  }

  /** Returns the exception of an id. */
  public Optional<PolicyException> exception(String id) {
    return exceptions.stream().filter(one -> one.id().equals(id)).findFirst();
  }

  /** Returns a copy with one exception more. */
  public PlanSpec excepting(PolicyException exception) {
    List<PolicyException> all = new ArrayList<>(exceptions);
    all.add(exception);
    return excepting(all);
  }

  /** Returns a copy without the exceptions that open what this one does. */
  public PlanSpec without(PolicyException exception) {
    return excepting(exceptions.stream().filter(one -> !one.opensAs(exception)).toList());
  }

  /** Returns a copy with these exceptions. */
  public PlanSpec excepting(List<PolicyException> next) {
    return new PlanSpec(
        name, target, scope, waves, gates, verification, onFailure, apply, adopt, next, start);
  }

  /** Returns a copy that takes over policies of persons. */
  public PlanSpec adopting() {
    return new PlanSpec(
        name, target, scope, waves, gates, verification, onFailure, apply, true, exceptions, start);
  }

  /** The target of a plan. */
  public enum Target {
    NAMESPACES,
    /** All namespaces, then the root namespace's policy. */
    MESH
  }

  /** The action when verification fails. */
  public enum OnFailure {
    ROLLBACK,
    HOLD
  }

  /** The cause that lets a draft begin; says nothing about a plan that has begun. */
  public enum Start {
    ON_COMMAND,
    /** As soon as the service has taken it, and no other plan is in its way. */
    WHEN_ACCEPTED
  }

  /** The writer of the policies. */
  public enum Apply {
    DIRECT,
    /** The service writes nothing; it offers YAML and waits until that is in force. */
    MANIFEST
  }

  /**
   * The namespaces of a plan. Both empty = all of the mesh.
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

  /** A wave of the spec: names, or a selector over what earlier waves left. */
  public record WaveSpec(String name, List<String> namespaces, @Nullable LabelSelector selector) {
    public WaveSpec {
      namespaces = List.copyOf(namespaces);
    }
  }

  /** The plaintext gate's treatment of a namespace without samples. */
  public enum NoSamples {
    HOLD,
    PASS
  }

  /** The subject of approvals. */
  public enum Approval {
    NONE,
    WAVE,
    NAMESPACE
  }

  /**
   * Conditions before a namespace is locked.
   *
   * @param plaintextWindow the time without any plaintext
   * @param soak the time for which all gates must have held without a break
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

  /** A webhook: asked before a lock, or told after it or after a rollback. */
  public record Hook(URI url, When when) {

    /** Returns the host only: paths and queries may carry secrets. */
    public String host() {
      return url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
    }

    /** The time when a hook is called. */
    public enum When {
      BEFORE_LOCK,
      AFTER_LOCK,
      AFTER_ROLLBACK
    }
  }

  /**
   * Conditions after a namespace is locked.
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
   * namespace/*} for all of a namespace, because a tenant that can create one workload can create
   * another).
   */
  public record IgnoredClient(@Nullable String cidr, @Nullable String workload) {

    private static final String ALL = "/*";

    /**
     * Returns a name for it, such as {@code workload.7840d4f70ac1aee5}: its kind and a digest,
     * since ranges and workloads have slashes.
     */
    public String id() {
      Digest digest = new Digest();
      digest.line(words());
      return (cidr == null ? "workload." : "cidr.") + digest.hex().substring(0, DIGITS);
    }

    /** Returns it in words, such as {@code legacy/curl} or {@code addresses 10.0.9.0/24}. */
    public String words() {
      return workload == null ? "addresses " + cidr : workload;
    }

    /** Returns whether all that it lets fail may fail by another entry, too. */
    public boolean within(IgnoredClient other) {
      if (workload != null) {
        return other.names(workload);
      }
      return cidr != null
          && (cidr.equals(other.cidr)
              || (other.cidr != null
                  && Cidr.parse(other.cidr)
                      .flatMap(range -> Cidr.parse(cidr).map(range::contains))
                      .orElse(false)));
    }

    /** Returns whether it is all workloads of a namespace. */
    public boolean wholeNamespace() {
      return workload != null && workload.endsWith(ALL);
    }

    /** Returns whether it is this workload ({@code namespace/name}). */
    public boolean names(String id) {
      return workload != null
          && (workload.equals(id)
              || (wholeNamespace() && id.startsWith(workload.substring(0, workload.length() - 1))));
    }
  }

  /**
   * An exception that stays open.
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
    /** The most exceptions of a plan; a MigrationPlan has to fit in etcd. */
    public static final int MOST = 1000;

    private static final Period SOON = Period.ofDays(14);

    public PolicyException {
      selector = Map.copyOf(selector);
      plaintextPaths = List.copyOf(plaintextPaths);
    }

    /** The state of an exception in its life. */
    public enum Validity {
      VALID,
      /** Within two weeks. */
      EXPIRES_SOON,
      /** Its last day is over; what it opened is open all the same. */
      EXPIRED
    }

    public Validity validity(LocalDate today) {
      if (expires.isBefore(today)) {
        return Validity.EXPIRED;
      }
      return expires.isAfter(today.plus(SOON)) ? Validity.VALID : Validity.EXPIRES_SOON;
    }

    /** Returns it in words, such as {@code foo {app=httpbin} port 9090 until 2027-03-01}. */
    public String words() {
      return namespace
          + " "
          + new TreeMap<>(selector)
          + (port == null ? " all ports" : " port " + port)
          + " until "
          + expires;
    }

    /** Returns whether both open the same port of the same pods, whatever was agreed about it. */
    public boolean opensAs(PolicyException other) {
      return namespace.equals(other.namespace)
          && selector.equals(other.selector)
          && Objects.equals(port, other.port);
    }

    /**
     * Returns a name for what is open, such as {@code foo.9090.7840d4f70ac1aee5}: the namespace,
     * the port or {@code all}, and a digest of the selector. It stays the same whatever is agreed
     * about it.
     */
    public String id() {
      Digest digest = new Digest();
      new TreeMap<>(selector).forEach(digest::line);
      return namespace
          + "."
          + (port == null ? "all" : port)
          + "."
          + digest.hex().substring(0, DIGITS);
    }
  }
}
