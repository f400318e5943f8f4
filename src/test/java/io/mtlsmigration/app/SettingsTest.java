// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Settings must not take; the start fails with the key and its bounds. */
final class SettingsTest {

  /** True when a value of a setting passes what is said of it. */
  private static boolean takes(Object settings, Method setting, Object value) {
    try (ValidatorFactory factory = Validation.buildDefaultValidatorFactory()) {
      return factory
          .getValidator()
          .forExecutables()
          .validateReturnValue(settings, setting, value)
          .isEmpty();
    }
  }

  /** Less than nothing, and what is too much to count with, would read none and not say so. */
  @ParameterizedTest
  @CsvSource({
    "-1, false",
    "0, true",
    "1048576, true",
    "1073741824, true",
    "9223372036854775807, false"
  })
  void boundsHowMuchIsReadOfAccessLogs(long rate, boolean taken) throws NoSuchMethodException {
    Settings.AccessLogs settings = accessLogs(rate);
    Method maxRate = Settings.AccessLogs.class.getMethod("maxRate");
    assertEquals(taken, takes(settings, maxRate, rate));
  }

  @ParameterizedTest
  @CsvSource({
    "https://grafana.example, true",
    "http://10.0.0.1:3000/grafana/, true",
    "grafana.example, false",
    "javascript:alert(1), false",
    "https://, false",
    "https://user@grafana.example, false",
    "https://grafana.example?orgId=1, false",
    "https://grafana.example/#a, false"
  })
  void takesAddressesThatLeadSomewhere(String address, boolean taken) {
    assertEquals(taken, java.util.regex.Pattern.matches(Settings.WEB_ADDRESS, address));
  }

  /** A cluster that chooses the users of pods refuses one that is named. */
  @ParameterizedTest
  @CsvSource({"65532, 65532", "1234, 1234", "'', "})
  void namesNoUserOfAgentsWhereItIsEmpty(String given, @Nullable Long user) {
    Settings settings = Configured.with(Map.of("mtls-migration.probes.agent-user", given));

    assertEquals(
        user == null ? OptionalLong.empty() : OptionalLong.of(user), settings.probes().agentUser());
  }

  /** No class of its own: one in the application may not carry constraints on its methods. */
  private static Settings.AccessLogs accessLogs(long rate) {
    return (Settings.AccessLogs)
        Proxy.newProxyInstance(
            SettingsTest.class.getClassLoader(),
            new Class<?>[] {Settings.AccessLogs.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "maxRate" -> rate;
                  case "hashCode" -> 1;
                  case "equals" -> false;
                  default -> Optional.empty();
                });
  }

  @ParameterizedTest
  @CsvSource({"PT-5S, false", "PT0S, true", "PT20S, true"})
  void takesNoNegativeTimeForHeads(Duration timeout, boolean taken) throws NoSuchMethodException {
    Settings.Head settings = () -> timeout;
    Method method = Settings.Head.class.getMethod("timeout");
    assertEquals(taken, takes(settings, method, timeout));
  }

  @ParameterizedTest
  @CsvSource({
    "owner, true",
    "app.kubernetes.io/part-of, true",
    "a/B_c.d-e, true",
    "no such label, false",
    "-owner, false",
    "a/b/c, false",
    "Example.com/owner, false",
    "/owner, false",
    "example.com/, false"
  })
  void takesKeysOfLabelsThatKubernetesTakes(String key, boolean taken)
      throws NoSuchMethodException {
    Object settings =
        Proxy.newProxyInstance(
            Settings.class.getClassLoader(),
            new Class<?>[] {Settings.class},
            (proxy, called, arguments) -> {
              throw new UnsupportedOperationException(called.getName());
            });
    Method method = Settings.class.getMethod("ownerLabels");
    assertEquals(taken, takes(settings, method, Optional.of(List.of(key))));
  }
}
