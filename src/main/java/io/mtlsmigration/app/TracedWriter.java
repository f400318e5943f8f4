package io.mtlsmigration.app;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.WriteResult;
import io.opentelemetry.api.trace.Span;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** A span around each write, and around each dry run of one. */
record TracedWriter(PolicyWriter writer, Spans spans) implements PolicyWriter {

  @Override
  public WriteResult apply(WriteIntent intent, boolean adopt) {
    return traced("policy write", intent, () -> writer.apply(intent, adopt));
  }

  @Override
  public WriteResult dryRun(WriteIntent intent, boolean adopt) {
    return traced("policy dry run", intent, () -> writer.dryRun(intent, adopt));
  }

  @Override
  public Optional<PeerAuthentication> read(ObjectRef ref) {
    return writer.read(ref);
  }

  private WriteResult traced(String name, WriteIntent intent, Supplier<WriteResult> write) {
    return spans.within(
        name,
        span -> {
          ObjectRef ref = intent.change().ref();
          span.setAttribute("k8s.namespace.name", ref.namespace());
          span.setAttribute("mtls_migration.policy", ref.name());
          span.setAttribute("mtls_migration.purpose", lower(intent.change().purpose()));
          return told(write.get(), span);
        });
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

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
