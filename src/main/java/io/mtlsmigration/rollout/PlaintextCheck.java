package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Nobody has sent plaintext for the whole window, by the servers' own account. Silence is not an
 * answer. Who is to be ignored while verifying is not ignored here: that list says who may fail,
 * not who may be forgotten.
 */
final class PlaintextCheck implements GateCheck {

  /** Edges that are told; there may be one for each address that calls from outside. */
  private static final int SHOWN = 50;

  @Override
  public Gate gate() {
    return Gate.PLAINTEXT;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    if (context.isMesh()) {
      return pass(
          context,
          Reason.NOT_ASKED_FOR,
          "every namespace has been judged by its own evidence before it was locked");
    }
    Evidence<NamespaceTraffic> evidence =
        context
            .observation()
            .traffic(context.spec().gates().plaintextWindow())
            .of(context.facts().name());
    return switch (evidence) {
      case Evidence.Measured<NamespaceTraffic>(var traffic, var asOf) ->
          measured(context, traffic, asOf);
      case Evidence.NoSamples<NamespaceTraffic>(var asOf, var detail) ->
          noSamples(context, asOf, detail);
      case Evidence.Unavailable<NamespaceTraffic>(var why, var detail) ->
          inconclusive(
              context,
              Reason.EVIDENCE_UNAVAILABLE,
              "traffic evidence is not available (" + Words.of(why) + "): " + detail);
    };
  }

  private GateResult measured(GateContext context, NamespaceTraffic traffic, Instant asOf) {
    if (old(context, asOf)) {
      return inconclusive(
          context, Reason.EVIDENCE_UNAVAILABLE, "traffic evidence ends too long ago");
    }
    List<String> evidence = new ArrayList<>();
    int more = 0;
    TreeSet<String> clients = new TreeSet<>();
    for (Edge edge : traffic.edges()) {
      if (edge.security() == Edge.Security.PLAINTEXT && edge.count() > 0 && counts(context, edge)) {
        if (evidence.size() < SHOWN) {
          evidence.add(describe(edge));
        } else {
          more++;
        }
        clients.add(edge.client().id());
      }
    }
    if (evidence.isEmpty()) {
      return pass(context, Reason.HOLDS, "nobody has sent plaintext within the window");
    }
    if (more > 0) {
      evidence.add(
          "and "
              + more
              + " more: GET /api/v1/traffic?namespace="
              + context.facts().name()
              + "&security=plaintext");
    }
    return fail(
        context,
        Reason.PLAINTEXT_CLIENTS,
        "plaintext still comes from " + Words.list(List.copyOf(clients)),
        evidence);
  }

  private GateResult noSamples(GateContext context, Instant asOf, String detail) {
    if (old(context, asOf)) {
      return inconclusive(
          context, Reason.EVIDENCE_UNAVAILABLE, "traffic evidence ends too long ago");
    }
    if (context.spec().gates().noSamples() == PlanSpec.NoSamples.PASS) {
      return pass(context, Reason.NO_SAMPLES, "no traffic, and the plan takes that as none");
    }
    return inconclusive(
        context,
        Reason.NO_SAMPLES,
        "no traffic was measured, so nobody can say that none is plaintext ("
            + detail
            + "); set noSamples to PASS for a namespace that is known to be idle");
  }

  private static boolean old(GateContext context, Instant asOf) {
    return asOf.plus(context.limits().evidenceAge()).isBefore(context.now());
  }

  private static boolean counts(GateContext context, Edge edge) {
    NamespaceFacts facts = context.facts();
    boolean known = false;
    boolean governed = false;
    for (Pod pod : facts.pods()) {
      if (pod.workload().equals(edge.server()) && !pod.terminated()) {
        known = true;
        // Gateways' own clients are not mesh clients, and no policy of ours governs them.
        governed |= pod.dataPlane() != DataPlane.GATEWAY;
      }
    }
    boolean gateway = known && !governed;
    return !gateway
        && !ExceptionCover.of(facts, context.spec().exceptions())
            .covers(edge.server(), edge.port());
  }

  private static String describe(Edge edge) {
    return edge.client().id()
        + " to "
        + edge.server().id()
        + (edge.port() == 0 ? "" : ":" + edge.port())
        + " ("
        + edge.protocol()
        + "), "
        + edge.count()
        + " within the window, last at "
        + edge.lastSeen()
        + ", says "
        + edge.source();
  }
}
