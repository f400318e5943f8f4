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
 * Each message on the console is one line that commands no terminal and no build, whatever a pod, a
 * server or a provider has put into it. It lets every record through.
 */
@LoggingFilter(name = ConsoleLines.NAME)
public final class ConsoleLines implements Filter {

  static final String NAME = "console-lines";

  /** Its messages have several lines, each of which is escaped where it is made. */
  private static final String STORY = "io.mtlsmigration.story";

  private static final ExtFormatter MESSAGE = new PatternFormatter("%s");

  /** Causes may go round. */
  private static final int MOST_CAUSES = 30;

  private final boolean json;

  /**
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

  /** Stands for something that was thrown; its suppressed ones are left out. */
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
