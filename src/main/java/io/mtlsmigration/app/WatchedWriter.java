// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.WriteResult;
import io.opentelemetry.api.trace.Span;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A policy writer that measures and traces each write, and each dry run of one. */
record WatchedWriter(PolicyWriter writer, Spans spans, MeterRegistry meters)
    implements PolicyWriter {

  @Override
  public WriteResult apply(WriteIntent intent, boolean adopt) {
    return traced(
        "policy write", intent, timed("write", intent, () -> writer.apply(intent, adopt)));
  }

  @Override
  public WriteResult dryRun(WriteIntent intent, boolean adopt) {
    return traced(
        "policy dry run", intent, timed("dry_run", intent, () -> writer.dryRun(intent, adopt)));
  }

  @Override
  public Optional<PeerAuthentication> read(ObjectRef ref) {
    return writer.read(ref);
  }

  @Override
  public Map<ObjectRef, String> versions(String namespace) {
    return writer.versions(namespace);
  }

  @Override
  public Map<ObjectRef, String> versions() {
    return writer.versions();
  }

  @Override
  public String namespaceUid(String name) {
    return writer.namespaceUid(name);
  }

  private Supplier<WriteResult> timed(
      String operation, WriteIntent intent, Supplier<WriteResult> write) {
    return () -> {
      Timer.Sample time = Timer.start(meters);
      WriteResult result = write.get();
      time.stop(Metric.POLICY_WRITES.timer(meters, operation, purpose(intent), name(result)));
      return result;
    };
  }

  private WriteResult traced(String name, WriteIntent intent, Supplier<WriteResult> write) {
    return spans.within(
        name,
        span -> {
          ObjectRef ref = intent.change().ref();
          span.setAttribute("k8s.namespace.name", ref.namespace());
          span.setAttribute("mtls_migration.policy", ref.name());
          span.setAttribute("mtls_migration.purpose", purpose(intent));
          return told(write.get(), span);
        });
  }

  private static String name(WriteResult result) {
    return switch (result) {
      case WriteResult.Applied applied -> "applied";
      case WriteResult.Conflict conflict -> "conflict";
      case WriteResult.OwnedByOther owned -> "owned_by_other";
      case WriteResult.Refused refused -> "refused";
      case WriteResult.Unknown unknown -> "unknown";
    };
  }

  private static WriteResult told(WriteResult result, Span span) {
    switch (result) {
      case WriteResult.Applied applied -> {}
      case WriteResult.Conflict(var detail) -> Spans.failed(span, detail);
      case WriteResult.OwnedByOther(var manager, var detail) ->
          Spans.failed(span, manager + ": " + detail);
      case WriteResult.Refused(var detail) -> Spans.failed(span, detail);
      case WriteResult.Unknown(var detail) -> Spans.failed(span, detail);
    }
    return result;
  }

  private static String purpose(WriteIntent intent) {
    return intent.change().purpose().name().toLowerCase(Locale.ROOT);
  }
}
