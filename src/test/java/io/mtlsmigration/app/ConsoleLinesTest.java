// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.logging.Level;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.Test;

/** What a pod says may reach the console, and does nothing there. */
final class ConsoleLinesTest {

  private static final String EVIL = "tcpdump\u001b[2J\n12:00:00 INFO  all is well\u009b31m\u202e";
  private static final String SHOWN = "tcpdump\uFFFD[2J 12:00:00 INFO all is well\uFFFD31m\uFFFD";

  private static ExtLogRecord record(String format, Object... parameters) {
    ExtLogRecord record =
        new ExtLogRecord(
            Level.INFO, format, ExtLogRecord.FormatStyle.PRINTF, ConsoleLinesTest.class.getName());
    record.setParameters(parameters);
    return record;
  }

  private static String printed(boolean json, ExtLogRecord record) {
    assertTrue(new ConsoleLines(json).isLoggable(record));
    return new PatternFormatter("%s%e%n").format(record);
  }

  @Test
  void aMessageIsOneLineWhateverAPodPutsIntoIt() {
    ExtLogRecord record = record("Capture not possible pod=%s reason=%s tries=%d", "foo", EVIL, 3);

    assertEquals(
        "Capture not possible pod=foo reason=" + SHOWN + " tries=3" + System.lineSeparator(),
        printed(false, record));
  }

  @Test
  void whatWasThrownAndItsCausesSayTheirMessagesOnALineEach() {
    ExtLogRecord record = record("Not read");
    record.setThrown(new IllegalStateException("it", new IllegalArgumentException(EVIL)));

    String printed = printed(false, record);

    assertTrue(printed.contains("java.lang.IllegalArgumentException: " + SHOWN), printed);
    assertTrue(printed.contains("at io.mtlsmigration.app.ConsoleLinesTest"), printed);
    assertFalse(printed.contains("\u001b"), printed);
  }

  @Test
  void theRestStaysAsItIs() {
    ExtLogRecord record = record("größer →  %s\tb", "a");
    Throwable thrown = new IllegalStateException("plain");
    record.setThrown(thrown);

    assertTrue(printed(false, record).startsWith("größer →  a\tb"));
    assertEquals(thrown, record.getThrown());
  }

  @Test
  void jsonEscapesByItself() {
    assertEquals(EVIL + System.lineSeparator(), printed(true, record("%s", EVIL)));
  }
}
