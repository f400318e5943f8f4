package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.quarkus.bootstrap.logging.InitialConfigurator;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Arrays;
import org.jboss.logmanager.handlers.ConsoleHandler;
import org.junit.jupiter.api.Test;

/** The console has the filter that {@link ConsoleLinesTest} tries. */
@QuarkusTest
final class ConsoleLinesIT {

  @Test
  void theConsoleIsFiltered() {
    ConsoleHandler console =
        Arrays.stream(InitialConfigurator.DELAYED_HANDLER.getHandlers())
            .filter(ConsoleHandler.class::isInstance)
            .map(ConsoleHandler.class::cast)
            .filter(handler -> handler.getFilter() instanceof ConsoleLines)
            .findFirst()
            .orElse(null);

    assertInstanceOf(ConsoleHandler.class, console);
  }
}
