// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.mtlsmigration.e2e.Containers.Ended;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The programs of a proxy's container, and of one for tcpdump: the machine's own, so that tcpdump
 * captures what really goes over loopback. The tag of the proxy's image tells what it lacks: {@code
 * distroless} has none, {@code no-sudo} lacks sudo, {@code no-tcpdump} lacks tcpdump, and {@code
 * unprivileged} has a sudo that wants a password.
 */
final class ProxyPrograms {

  private ProxyPrograms() {}

  static Ended exec(Pod pod, String container, List<String> command) {
    String tag =
        pod.getSpec().getContainers().stream()
            .filter(c -> c.getName().equals(container))
            .map(Container::getImage)
            .map(image -> image.substring(image.indexOf(':') + 1))
            .findFirst()
            .orElse("");
    boolean sudo = command.getFirst().equals("sudo");
    if (tag.equals("distroless") || (sudo && tag.equals("no-sudo"))) {
      return new Ended(-1, "", "");
    }
    if (sudo && tag.equals("unprivileged")) {
      return new Ended(1, "", "sudo: a password is required");
    }
    if (tag.equals("no-tcpdump")) {
      return new Ended(1, "", "sudo: tcpdump: command not found");
    }
    // The tests are root already; "sudo -n" makes no difference to them.
    return run(sudo ? command.subList(2, command.size()) : command);
  }

  private static Ended run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).start();
      CompletableFuture<byte[]> stderr =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return process.getErrorStream().readAllBytes();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      byte[] stdout = process.getInputStream().readAllBytes();
      return new Ended(
          process.waitFor(),
          Buffer.buffer(stdout),
          new String(stderr.join(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return new Ended(-1, "", "");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Ended(-1, "", "");
    }
  }
}
