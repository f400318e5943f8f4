// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import io.mtlsmigration.kubernetes.forward.PodPort;
import io.mtlsmigration.kubernetes.forward.StatusException;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Queries every istiod: each shows only the proxies connected to it, and a proxy may be connected
 * to any istiod of its revision. Pods that are not ready are queried as well, since proxies stay
 * connected to them. One call at a time.
 */
final class IstiodQuery implements AutoCloseable {

  private static final int AT_ONCE = 16;

  private final Inventory inventory;
  private final Clock clock;
  private final IstiodOptions options;
  private final String ztunnelNamespace;
  private final DebugPage page;
  private final PolicyChanges policies = new PolicyChanges();
  private final Elsewhere elsewhere = new Elsewhere();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().name("istiod-", 0).factory());

  /** The clusters whose proxies were shown, by those that do not answer now when they last did. */
  private Set<String> clusters = Set.of();

  private Proxies sidecars = Proxies.NONE;
  private Proxies ztunnels = Proxies.NONE;

  IstiodQuery(
      PodPort port,
      Inventory inventory,
      Clock clock,
      IstiodOptions options,
      String ztunnelNamespace) {
    this.inventory = inventory;
    this.clock = clock;
    this.options = options;
    this.ztunnelNamespace = ztunnelNamespace;
    this.page = new DebugPage(port, clock, options.maxBytes());
  }

  IstiodReading take() throws InterruptedException {
    MeshSnapshot snapshot = inventory.snapshot();
    Instant begun = clock.instant();
    var changes = policies.look(snapshot, begun);
    Connections connections = new Connections(options.clusterId(), ztunnelNamespace);
    List<Gap> gaps = new ArrayList<>();
    List<ObjectRef> istiods = istiods(snapshot);
    Set<String> ambient = AmbientView.namespaces(snapshot);
    AmbientView view = ask(istiods, ambient, connections, gaps);
    if (!gaps.isEmpty()) {
      connections.mayServe(clusters);
    }
    clusters = connections.clusters();
    Instant horizon = begun.minus(options.maxAge());
    sidecars = Proxies.of(connections.sidecars(), begun, sidecars, horizon);
    var there = connections.ztunnels(snapshot, gaps.isEmpty());
    // What a ztunnel followed that is gone says nothing of the one in its place.
    ztunnels = Proxies.of(there, begun, ztunnels.within(there), horizon);
    String obstacle = istiods.isEmpty() ? noIstiod() : connections.obstacle();
    return new IstiodReading(
        begun,
        snapshot,
        changes,
        sidecars,
        ztunnels,
        view,
        elsewhere.look(connections.elsewhere(), gaps.isEmpty(), begun),
        List.copyOf(gaps),
        obstacle);
  }

  private List<ObjectRef> istiods(MeshSnapshot snapshot) {
    NamespaceFacts facts = snapshot.namespace(options.istioNamespace());
    List<ObjectRef> istiods = new ArrayList<>();
    for (Pod pod : facts == null ? List.<Pod>of() : facts.pods()) {
      if ("istiod".equals(pod.labels().get("app")) && !pod.terminated() && !pod.ip().isEmpty()) {
        istiods.add(pod.ref());
      }
    }
    return istiods;
  }

  private String noIstiod() {
    return "no pod with the label app=istiod runs in the namespace "
        + options.istioNamespace()
        + ": name istiod's namespace in mtls-migration.istiod.namespace, or start istiod; one that"
        + " runs outside of this cluster cannot be asked";
  }

  private AmbientView ask(
      List<ObjectRef> istiods, Set<String> ambient, Connections connections, List<Gap> gaps)
      throws InterruptedException {
    List<Callable<IstiodAnswer>> questions = new ArrayList<>();
    for (ObjectRef istiod : istiods) {
      questions.add(() -> answer(istiod, ambient));
    }
    List<Future<IstiodAnswer>> answers =
        threads.invokeAll(questions, options.timeout().toMillis(), TimeUnit.MILLISECONDS);
    List<AmbientPage> pages = new ArrayList<>();
    String unseen = ambient.isEmpty() ? AmbientView.NOT_ASKED.unseen() : "";
    for (int i = 0; i < istiods.size(); i++) {
      ObjectRef istiod = istiods.get(i);
      try {
        IstiodAnswer answer = answers.get(i).get();
        connections.add(answer);
        if (answer.ambient() != null) {
          pages.add(answer.ambient());
        }
        unseen = unseen.isEmpty() ? answer.unseen() : unseen;
        if (answer.silentOnZtunnels()) {
          gaps.add(Gap.silentOnZtunnels(istiod));
        }
      } catch (CancellationException e) {
        gaps.add(Gap.late(istiod, options.timeout()));
      } catch (ExecutionException e) {
        gaps.add(gap(istiod, Objects.requireNonNullElse(e.getCause(), e)));
      }
    }
    boolean silent = unseen.isEmpty() && !gaps.isEmpty();
    return new AmbientView(
        List.copyOf(pages),
        silent ? gaps.getFirst().pod() + " says nothing: " + gaps.getFirst().detail() : unseen);
  }

  private static Gap gap(ObjectRef istiod, Throwable failure) {
    return Gap.of(
        istiod,
        failure instanceof IOException io ? io : new IOException(failure.toString(), failure));
  }

  /**
   * Returns one istiod's complete answer; an incomplete one does not count. The ztunnels' policies
   * are read first, so that the connections read afterwards show whether ztunnels have received
   * them.
   *
   * @param ambient namespaces whose ztunnel policies are needed
   */
  private IstiodAnswer answer(ObjectRef istiod, Set<String> ambient) throws IOException {
    IstiodAnswer answer = new IstiodAnswer();
    if (!ambient.isEmpty()) {
      try {
        answer.ambient(page.ambient(istiod, ambient));
      } catch (IOException e) {
        answer.ambientUnseen(
            e instanceof StatusException status && status.code() == 404
                ? istiod + " is of a release that does not show it; upgrade istiod"
                : istiod + " does not show it: " + Gap.of(istiod, e).detail());
      }
    }
    answer.ahead(page.read(istiod, answer::add));
    return answer;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
