// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * Detects a port that cannot be listened on before the HTTP layer tries, and names the key to
 * change: the HTTP layer's message about the API's port names no key, and that about the management
 * port neither key nor cause.
 */
@Singleton
final class PortCheck {

  private static final String API = "quarkus.http";
  private static final String MANAGEMENT = "quarkus.management";
  private static final int LARGEST = 65_535;

  /** Runs before everything that takes time. Tests and development use other ports than these. */
  void check(@Observes @Priority(0) StartupEvent started, Config config) {
    if (LaunchMode.current() != LaunchMode.NORMAL) {
      return;
    }
    boolean plain =
        config
            .getOptionalValue("quarkus.http.insecure-requests", String.class)
            .filter("disabled"::equalsIgnoreCase)
            .isEmpty();
    Optional<String> ofApi = plain ? problem(API, config) : Optional.empty();
    ofApi
        .or(() -> problem(MANAGEMENT, config))
        .ifPresent(
            problem -> {
              throw new ConfigurationException(problem);
            });
  }

  private static Optional<String> problem(String prefix, Config config) {
    return problem(
        prefix,
        config.getValue(prefix + ".host", String.class),
        config.getValue(prefix + ".port", Integer.class));
  }

  /**
   * Returns the problem in one line with the remedy.
   *
   * @param prefix of the keys {@code host} and {@code port}
   * @param port 0 for any free port
   */
  static Optional<String> problem(String prefix, String host, int port) {
    if (port < 0 || port > LARGEST) {
      return Optional.of(prefix + ".port=" + port + " is no port: 0 to " + LARGEST + " are");
    }
    if (port == 0) {
      return Optional.empty();
    }
    try (ServerSocket socket = new ServerSocket()) {
      // As the HTTP layer does: connections left by an ended process do not block the port.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return Optional.empty();
    } catch (BindException e) {
      return Optional.of(
          prefix
              + ".port="
              + port
              + " cannot be listened on at "
              + prefix
              + ".host="
              + host
              + " ("
              + e.getMessage()
              + "): end whoever listens there, or set another port or host");
    } catch (IOException e) {
      return Optional.of(prefix + ".host=" + host + " is no address of this machine: " + e);
    }
  }
}
