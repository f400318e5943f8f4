// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.testing.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A real etcd and kube-apiserver on free ports of loopback, with RBAC, the default admission
 * plugins and tokens of service accounts, as in a cluster. The server can be killed and comes back
 * on the same port with the same data.
 */
public final class ApiServer implements AutoCloseable {

  private static final Duration TO_START = Duration.ofSeconds(90);

  /** Who signs tokens of service accounts; the name that clusters use by default. */
  static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

  private final Path folder;
  private final int etcdPort = FreePort.next();
  private final int port = FreePort.next();
  private final Kubeconfig admin;
  private final List<String> more;
  private final Daemon etcd;
  private Daemon server;
  private boolean accepting;

  private ApiServer(Path folder, List<String> more) {
    this.folder = folder;
    this.more = more;
    String token = UUID.randomUUID().toString();
    write("tokens.csv", token + ",admin,admin,system:masters\n");
    keys();
    this.admin = kubeconfig("admin", token);
    this.etcd = etcd();
    this.server = server();
  }

  /**
   * Starts both and waits until the server is ready.
   *
   * @param folder for data, keys and logs; emptied by nobody
   */
  static ApiServer start(Path folder) {
    return start(folder, List.of());
  }

  /**
   * The same, with more flags.
   *
   * @param more flags of kube-apiserver, which override those it gets anyway
   */
  static ApiServer start(Path folder, List<String> more) {
    ApiServer api = new ApiServer(folder, more);
    try {
      api.awaitReady();
    } catch (RuntimeException | Error e) {
      api.close();
      throw e;
    }
    return api;
  }

  /** As cluster administrator, past RBAC. */
  public Kubeconfig admin() {
    return admin;
  }

  public String url() {
    return "https://127.0.0.1:" + port;
  }

  Path folder() {
    return folder;
  }

  Path signingKey() {
    return folder.resolve("service-accounts.key");
  }

  /** What clients trust: the server signs its own certificate. */
  Path authority() {
    return folder.resolve("certificates/apiserver.crt");
  }

  /** The key of {@link #authority}. */
  Path authorityKey() {
    return folder.resolve("certificates/apiserver.key");
  }

  /** A kubeconfig with this bearer token. */
  Kubeconfig kubeconfig(String name, String token) {
    return Kubeconfig.write(folder.resolve(name + "/kubeconfig.yaml"), url(), authority(), token);
  }

  /** SIGKILL: connections break, nothing is said goodbye to. etcd keeps what was stored. */
  public void kill() {
    server.kill();
    accepting = false;
  }

  /** Starts it again, on the same port and with the same data, and waits until it is ready. */
  public void restart() {
    if (server.alive()) {
      kill();
    }
    server = server();
    awaitReady();
  }

  @Override
  public void close() {
    // etcd first would make the server wait for it.
    server.kill();
    etcd.kill();
  }

  private void awaitReady() {
    // A client is made with them, and the server writes them when it starts, the key last.
    await("the certificate of kube-apiserver")
        .atMost(TO_START)
        .pollInterval(Duration.ofMillis(50))
        .failFast("etcd or kube-apiserver has ended", () -> !etcd.alive() || !server.alive())
        .until(() -> Files.exists(authorityKey()) && Files.size(authority()) > 0);
    try (KubernetesClient client = admin.client()) {
      await("kube-apiserver")
          .atMost(TO_START)
          .pollInterval(Duration.ofMillis(100))
          .failFast("etcd or kube-apiserver has ended", () -> !etcd.alive() || !server.alive())
          .ignoreExceptions()
          .until(() -> "ok".equals(client.raw("/readyz")));
      accepting = true;
    } finally {
      if (!accepting) {
        System.err.println(etcd.lastWords() + "\n" + server.lastWords());
      }
    }
  }

  private Daemon etcd() {
    String client = "http://127.0.0.1:" + etcdPort;
    String peer = "http://127.0.0.1:" + FreePort.next();
    return Daemon.start(
        folder.resolve("etcd.log"),
        Map.of(),
        List.of(
            Binaries.of("etcd").toString(),
            "--data-dir=" + folder.resolve("etcd"),
            "--listen-client-urls=" + client,
            "--advertise-client-urls=" + client,
            "--listen-peer-urls=" + peer,
            "--initial-advertise-peer-urls=" + peer,
            "--initial-cluster=default=" + peer,
            "--log-level=warn",
            // Ten thousand namespaces do not fit into the two gigabytes that are the default.
            "--quota-backend-bytes=" + (8L << 30),
            // The data need not outlive this machine's power.
            "--unsafe-no-fsync"));
  }

  private Daemon server() {
    List<String> command = new ArrayList<>();
    command.add(Binaries.of("kube-apiserver").toString());
    command.add("--etcd-servers=http://127.0.0.1:" + etcdPort);
    command.add("--bind-address=127.0.0.1");
    command.add("--secure-port=" + port);
    command.add("--cert-dir=" + folder.resolve("certificates"));
    // The Service "kubernetes" may not have a loopback address as its endpoint.
    command.add("--endpoint-reconciler-type=none");
    command.add("--token-auth-file=" + folder.resolve("tokens.csv"));
    command.add("--authorization-mode=RBAC");
    command.add("--service-account-issuer=" + ISSUER);
    command.add("--service-account-signing-key-file=" + signingKey());
    command.add("--service-account-key-file=" + signingKey());
    command.add("--service-cluster-ip-range=10.96.0.0/16");
    command.add("--kubelet-preferred-address-types=InternalIP");
    command.add("--allow-privileged=true");
    command.add("--profiling=false");
    command.addAll(more);
    return Daemon.start(folder.resolve("kube-apiserver.log"), Map.of(), command);
  }

  private void keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      KeyPair pair = generator.generateKeyPair();
      String body =
          Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
              .encodeToString(pair.getPrivate().getEncoded());
      write(
          signingKey().getFileName().toString(),
          "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void write(String name, String text) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
