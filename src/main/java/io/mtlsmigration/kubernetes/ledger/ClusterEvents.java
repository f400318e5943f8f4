// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.kubernetes.resource.NamespaceMigration;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.text.TerminalText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Publishes changes of phase as Kubernetes Events, for {@code kubectl describe} and {@code kubectl
 * events}. They are best effort, since the ledger has the history: nobody waits for them, the API
 * server gets few at a time, and those that find no room are dropped.
 *
 * <p>Only the leader publishes. An Event is named by what happened, so that two replicas that both
 * believe they lead publish it once.
 */
public final class ClusterEvents implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(ClusterEvents.class);

  /** The namespace in which Kubernetes keeps Events about cluster-scoped objects. */
  private static final String CLUSTER_SCOPED = "default";

  private static final String CONTROLLER = MigrationPlan.GROUP + "/rollout";

  private static final int ROOM = 1_000;

  /**
   * The pause between Events, ten a second: a wave of ten thousand namespaces is published in part,
   * its plan in whole.
   */
  private static final Duration BETWEEN = Duration.ofMillis(100);

  /** The longest note in bytes; the API server refuses longer ones. */
  private static final int LONGEST_NOTE = 1_024;

  private static final int LONGEST_NAME = 128;

  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private static final Set<String> WARNINGS =
      Set.of(Phase.BLOCKED.name(), Phase.DRIFTED.name(), Phase.ROLLING_BACK.name());

  private final ClusterLedger ledger;
  private final KubernetesClient client;
  private final String ownNamespace;
  private final String instance;
  private final Leadership leadership;
  private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(ROOM);
  private final AtomicLong leftOut = new AtomicLong();
  private @Nullable AutoCloseable subscription;
  private @Nullable Thread thread;
  private boolean failing;

  /**
   * Creates a publisher that is idle until {@link #start}.
   *
   * @param instance of this replica, such as the name of its pod
   */
  public ClusterEvents(
      ClusterLedger ledger,
      KubernetesClient client,
      String ownNamespace,
      String instance,
      Leadership leadership) {
    this.ledger = ledger;
    this.client =
        client
            .newClient(
                new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .adapt(KubernetesClient.class);
    this.ownNamespace = ownNamespace;
    this.instance = instance.substring(0, Math.min(instance.length(), LONGEST_NAME));
    this.leadership = leadership;
  }

  /** Starts listening. */
  public void start() {
    subscription = ledger.subscribe(this::heard);
    thread = Thread.ofVirtual().name("kubernetes-events").start(this::run);
  }

  /** Enqueues an event. Called under a lock of the ledger, so it does not block. */
  private void heard(Event event) {
    if (!event.from().equals(event.to()) && !event.to().isEmpty() && !queue.offer(event)) {
      leftOut.incrementAndGet();
    }
  }

  private void run() {
    try {
      while (true) {
        Event event = queue.take();
        if (leadership.leads()) {
          tell(event);
          TimeUnit.MILLISECONDS.sleep(BETWEEN.toMillis());
        }
        long lost = queue.isEmpty() ? leftOut.getAndSet(0) : 0;
        if (lost > 0) {
          LOG.infof("Kubernetes Events were left out: too many at once count=%d", lost);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(Event event) {
    try {
      ObjectReference about = about(event);
      if (about != null) {
        client.events().v1().events().resource(event(event, about)).create();
      }
      failing = false;
    } catch (KubernetesClientException e) {
      if (e.getCode() != 409 && !failing) { // 409: another replica has published it
        failing = true;
        LOG.warnf(
            "Kubernetes Events cannot be written; nothing depends on them plan=%s: %s",
            event.plan(), e.getMessage());
      }
    } catch (RuntimeException | Error e) {
      // It would end the thread silently.
      LOG.warnf(e, "A Kubernetes Event could not be written plan=%s", event.plan());
    }
  }

  /** Returns the reference to the event's object; null when the object is gone. */
  private @Nullable ObjectReference about(Event event) {
    StepKey key = StepKey.parse(event.subject()).orElse(null);
    if (key == null) {
      CachedPlan plan = ledger.object(event.plan());
      return plan == null ? null : reference(MigrationPlan.KIND, plan.name(), plan.uid(), null);
    }
    CachedStep step = ledger.stepObject(LedgerObjects.stepName(event.plan(), key));
    return step == null
        ? null
        : reference(NamespaceMigration.KIND, step.name(), step.uid(), ownNamespace);
  }

  private static ObjectReference reference(
      String kind, String name, String uid, @Nullable String namespace) {
    return new ObjectReferenceBuilder()
        .withApiVersion(MigrationPlan.API_VERSION)
        .withKind(kind)
        .withName(name)
        .withUid(uid)
        .withNamespace(namespace)
        .build();
  }

  private io.fabric8.kubernetes.api.model.events.v1.Event event(
      Event event, ObjectReference about) {
    String from = event.from().isEmpty() ? "" : event.from() + " → ";
    String by = event.actor().equals("mtls-migration") ? "" : " (" + event.actor() + ")";
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(about.getNamespace() == null ? CLUSTER_SCOPED : about.getNamespace())
        .withName(about.getName() + "." + Long.toHexString(event.id()))
        .endMetadata()
        .withEventTime(new MicroTime(MICROS.format(event.at())))
        .withReportingController(CONTROLLER)
        .withReportingInstance(instance)
        .withRegarding(about)
        .withType(warning(event) ? "Warning" : "Normal")
        .withReason(event.reason().name())
        .withAction(event.type().name())
        .withNote(note(from + event.to() + ": " + event.message() + by))
        .build();
  }

  /** Returns the text without control characters, cut to the API server's limit. */
  private static String note(String text) {
    String line = TerminalText.line(text);
    int bytes = 0;
    for (int i = 0; i < line.length(); i = line.offsetByCodePoints(i, 1)) {
      bytes += bytes(line.codePointAt(i));
      if (bytes > LONGEST_NOTE - bytes('…')) {
        return line.substring(0, i) + '…';
      }
    }
    return line;
  }

  /** Returns the length in UTF-8. */
  private static int bytes(int c) {
    return Character.toString(c).getBytes(StandardCharsets.UTF_8).length;
  }

  /** Returns whether the event is a warning; requested actions are not. */
  private static boolean warning(Event event) {
    return WARNINGS.contains(event.to()) && event.reason() != Reason.REQUESTED;
  }

  /** Stops without waiting for unpublished events. */
  @Override
  public void close() {
    AutoCloseable listening = subscription;
    if (listening != null) {
      try {
        listening.close();
      } catch (Exception e) {
        LOG.warnf(e, "The ledger did not let go of a listener");
      }
    }
    if (thread != null) {
      thread.interrupt();
    }
  }
}
