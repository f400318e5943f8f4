// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.DestinationRule.PortPolicy;
import io.mtlsmigration.mesh.DestinationRule.Subset;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reachability;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** DestinationRules that keep mesh clients from sending Istio mutual TLS to captured pods. */
final class DestinationRuleDisablesMtls implements Rule {

  /** The maximum number of named clients; more are reported by their namespace. */
  private static final int NAMED = 8;

  @Override
  public void check(Inspection namespace) {
    if (namespace.captured().isEmpty()) {
      return;
    }
    for (Service service : namespace.facts().services()) {
      for (DestinationRule rule : namespace.mesh().reachability().rulesAddressing(service)) {
        if (risky(rule)) {
          check(namespace, rule, service);
        }
      }
    }
  }

  private static boolean risky(DestinationRule rule) {
    return risky(rule.trafficPolicy())
        || rule.subsets().stream().anyMatch(subset -> risky(subset.trafficPolicy()));
  }

  private static boolean risky(@Nullable TrafficPolicy policy) {
    return policy != null
        && (notMutual(policy.tls())
            || policy.ports().values().stream()
                .map(PortPolicy::tls)
                .anyMatch(DestinationRuleDisablesMtls::notMutual));
  }

  private static boolean notMutual(@Nullable ClientTlsMode mode) {
    return mode != null && mode != ClientTlsMode.ISTIO_MUTUAL;
  }

  private static void check(Inspection namespace, DestinationRule rule, Service service) {
    for (ServicePort port : service.ports()) {
      Call call = new Call(rule, service, port);
      checkCall(namespace, call, null);
      for (Subset subset : rule.subsets()) {
        if (risky(subset.trafficPolicy())) {
          checkCall(namespace, call, subset);
        }
      }
    }
  }

  private record Call(DestinationRule rule, Service service, ServicePort port) {}

  /** Checks a call; one broken client of one captured endpoint is enough for a finding. */
  private static void checkCall(Inspection namespace, Call call, @Nullable Subset subset) {
    Reachability reachability = namespace.mesh().reachability();
    for (Backend backend : reachability.backends(call.service(), call.port())) {
      Pod server = backend.pod();
      if (server == null
          || server.dataPlane() != DataPlane.SIDECAR
          || !server.governed(backend.targetPort())
          || (subset != null && !LabelSelector.containsAll(server.labels(), subset.labels()))) {
        continue;
      }
      Pod client = brokenClient(namespace, call, backend, subset);
      if (client != null) {
        report(namespace, new Breach(call, backend, client, subset));
        return;
      }
    }
  }

  /** A client that cannot call an endpoint under STRICT. */
  private record Breach(Call call, Backend backend, Pod client, @Nullable Subset subset) {}

  /**
   * Returns all clients that the rule breaks, when they are of its own namespace alone and the
   * server is in another one: whoever may write there can break any number of them.
   */
  private static List<String> outsiders(Inspection namespace, Breach breach) {
    Call call = breach.call();
    String owner = call.rule().meta().namespace();
    NamespaceFacts own = namespace.snapshot().namespace(owner);
    if (own == null
        || owner.equals(call.service().namespace())
        || namespace.snapshot().isRoot(owner)) {
      return List.of();
    }
    Set<String> clients = new TreeSet<>();
    for (Pod client : clients(own)) {
      if (clients.size() == NAMED) {
        return List.of(owner + "/*");
      }
      if (!clients.contains(client.workload().id())
          && namespace.mesh().reachability().backends(call.service(), call.port()).stream()
              .anyMatch(backend -> breaks(namespace, client, call, backend, breach.subset()))) {
        clients.add(client.workload().id());
      }
    }
    return List.copyOf(clients);
  }

  /** Returns the clients of a namespace; CronJobs have no pods between two runs. */
  private static List<Pod> clients(NamespaceFacts facts) {
    List<Pod> jobs =
        facts.others(JobTemplate.class).stream()
            .filter(job -> job.runs() != null)
            .map(job -> job.client(facts.labels()))
            .toList();
    return jobs.isEmpty()
        ? facts.pods()
        : Stream.concat(facts.pods().stream(), jobs.stream()).toList();
  }

  /** Returns the first pod whose proxy applies the rule and therefore sends no mutual TLS. */
  private static @Nullable Pod brokenClient(
      Inspection namespace, Call call, Backend backend, @Nullable Subset subset) {
    DestinationRule rule = call.rule();
    String owner = rule.meta().namespace();
    NamespaceFacts own = namespace.snapshot().namespace(owner);
    Pod found = own == null ? null : brokenClient(namespace, own, call, backend, subset);
    boolean reachesOthers =
        rule.workloadSelector().isEmpty()
            && (owner.equals(call.service().namespace()) || namespace.snapshot().isRoot(owner));
    if (found != null || !reachesOthers) {
      return found;
    }
    for (NamespaceFacts facts : namespace.snapshot().namespaces().values()) {
      found = brokenClient(namespace, facts, call, backend, subset);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable Pod brokenClient(
      Inspection namespace,
      NamespaceFacts clients,
      Call call,
      Backend backend,
      @Nullable Subset subset) {
    for (Pod client : clients(clients)) {
      if (breaks(namespace, client, call, backend, subset)) {
        return client;
      }
    }
    return null;
  }

  private static boolean breaks(
      Inspection namespace, Pod client, Call call, Backend backend, @Nullable Subset subset) {
    if (client.terminated() || !client.callsThroughEnvoy()) {
      return false;
    }
    Prediction prediction =
        namespace
            .mesh()
            .reachability()
            .predict(
                client,
                call.service(),
                call.port(),
                backend,
                subset == null ? null : subset.name());
    return prediction.clientTls() != ClientTls.ISTIO_MUTUAL
        && prediction.decidedBy().contains(call.rule().ref());
  }

  private static void report(Inspection namespace, Breach breach) {
    Call call = breach.call();
    Subset subset = breach.subset();
    String rule = call.rule().ref().toString();
    namespace.report(
        HazardCode.DESTINATION_RULE_DISABLES_MTLS,
        Severity.BLOCKER,
        call.rule().ref(),
        breach.backend().targetPort(),
        rule
            + (subset == null ? "" : " for subset " + subset.name())
            + " keeps clients such as "
            + breach.client().workload()
            + " from sending mutual TLS to "
            + call.service().ref()
            + " port "
            + call.port().port()
            + "; STRICT would refuse them.",
        "Remove tls from " + rule + ", or set ISTIO_MUTUAL.",
        outsiders(namespace, breach));
  }
}
