// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.bootstrap.logging.InitialConfigurator;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.handlers.ConsoleHandler;
import org.junit.jupiter.api.Test;

/** The console has the filter that {@link ConsoleLinesTest} tries, beside Quarkus' own. */
@QuarkusTest
final class ConsoleLinesIT {

  @Test
  void theConsoleIsFiltered() {
    List<String> shown =
        Arrays.stream(InitialConfigurator.DELAYED_HANDLER.getHandlers())
            .filter(ConsoleHandler.class::isInstance)
            .map(
                console -> {
                  ExtLogRecord record = new ExtLogRecord(Level.INFO, "a\u001b[2J\nb", "test");
                  record.setLoggerName("test");
                  return console.getFilter().isLoggable(record) + " " + record.getMessage();
                })
            .toList();

    assertEquals(List.of("true a\uFFFD[2J b"), shown);
  }
}
