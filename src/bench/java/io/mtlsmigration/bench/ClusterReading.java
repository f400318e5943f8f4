package io.mtlsmigration.bench;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.mtlsmigration.kubernetes.inventory.ClusterInventory;
import io.mtlsmigration.kubernetes.inventory.InventoryOptions;
import io.mtlsmigration.mesh.MeshSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Reads a cluster and says how long that took, and what it costs to keep. */
public final class ClusterReading {

  private ClusterReading() {}

  /** Arguments: the kubeconfig, and for how many seconds to go on. */
  public static void main(String[] args) throws Exception {
    Config config = Config.fromKubeconfig(Path.of(args[0]).toFile());
    int seconds = Integer.parseInt(args[1]);
    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build();
        ClusterInventory inventory =
            new ClusterInventory(client, Clock.systemUTC(), InventoryOptions.DEFAULT)) {
      long start = System.nanoTime();
      inventory.start();
      while (inventory.snapshot().observedAt().equals(Instant.EPOCH)) {
        Thread.sleep(20);
      }
      System.out.printf("ready after %d ms%n", (System.nanoTime() - start) / 1_000_000);
      MeshSnapshot last = null;
      for (int i = 0; i < seconds * 10; i++) {
        MeshSnapshot now = inventory.snapshot();
        if (now != last && i % 10 == 0) {
          System.out.println(describe(now));
        }
        last = now;
        Thread.sleep(100);
      }
      System.gc();
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      System.out.printf(
          "heap %d MiB, %s%n",
          (runtime.totalMemory() - runtime.freeMemory()) >> 20,
          Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(l -> l.startsWith("VmRSS") || l.startsWith("VmHWM"))
              .toList());
    }
  }

  private static String describe(MeshSnapshot s) {
    long pods = s.namespaces().values().stream().mapToLong(n -> n.pods().size()).sum();
    return Instant.now()
        + " observed "
        + Duration.between(s.observedAt(), Instant.now()).toMillis()
        + " ms ago, namespaces "
        + s.namespaces().size()
        + ", pods "
        + pods
        + ", settings "
        + s.settings()
        + " "
        + s.sources().stream().filter(x -> !x.problem().isEmpty()).map(Object::toString).toList()
        + Optional.ofNullable(s.namespace(s.settings().rootNamespace()))
            .map(n -> n.peerAuthentications().toString() + n.unreadable())
            .orElse("");
  }
}
