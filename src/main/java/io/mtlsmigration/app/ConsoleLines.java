// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.text.TerminalText;
import io.quarkus.logging.LoggingFilter;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Turns each console message into one line without control characters for terminals and builds,
 * whatever a pod, a server or a provider has put into it. Every record passes the filter.
 */
@LoggingFilter(name = ConsoleLines.NAME)
public final class ConsoleLines implements Filter {

  static final String NAME = "console-lines";

  /** The logger whose messages have several lines; each is escaped where it is made. */
  private static final String STORY = "io.mtlsmigration.story";

  private static final ExtFormatter MESSAGE = new PatternFormatter("%s");

  /** The maximum depth of causes, which may form a cycle. */
  private static final int MOST_CAUSES = 30;

  private final boolean json;

  /**
   * Creates the filter.
   *
   * @param json true where the console gets JSON, which escapes by itself
   */
  public ConsoleLines(
      @ConfigProperty(name = "quarkus.log.console.json.enabled", defaultValue = "false")
          boolean json) {
    this.json = json;
  }

  @Override
  public boolean isLoggable(LogRecord record) {
    if (!json && record instanceof ExtLogRecord ext && !STORY.equals(record.getLoggerName())) {
      String message = MESSAGE.formatMessage(ext);
      if (message != null && !TerminalText.isLine(message)) {
        ext.setMessage(TerminalText.line(message), ExtLogRecord.FormatStyle.NO_FORMAT);
      }
      Throwable thrown = ext.getThrown();
      if (thrown != null && !isPlain(thrown)) {
        ext.setThrown(new Shown(thrown, MOST_CAUSES));
      }
    }
    return true;
  }

  private static boolean isPlain(Throwable thrown) {
    int left = MOST_CAUSES;
    for (Throwable each = thrown; each != null && left > 0; each = each.getCause(), left--) {
      if (!TerminalText.isLine(each.toString())) {
        return false;
      }
      for (Throwable suppressed : each.getSuppressed()) {
        if (!TerminalText.isLine(suppressed.toString())) {
          return false;
        }
      }
    }
    return true;
  }

  /** A replacement for an exception, without its suppressed ones. */
  private static final class Shown extends Throwable {
    private static final long serialVersionUID = 1L;

    Shown(Throwable thrown, int causes) {
      super(TerminalText.line(thrown.toString()), cause(thrown.getCause(), causes), false, true);
      setStackTrace(thrown.getStackTrace());
    }

    private static @Nullable Throwable cause(@Nullable Throwable cause, int causes) {
      return cause == null || causes == 0 ? null : new Shown(cause, causes - 1);
    }
  }
}
