// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The environment of a command.
 *
 * @param kubeconfig the files that kubectl would read
 */
public record ClientEnvironment(Map<String, String> variables, List<Path> kubeconfig) {

  public ClientEnvironment {
    variables = Map.copyOf(variables);
    kubeconfig = List.copyOf(kubeconfig);
  }

  Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
  }
}
