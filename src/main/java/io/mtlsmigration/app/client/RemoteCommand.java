package io.mtlsmigration.app.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.mtlsmigration.text.TerminalText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** One call of a command: its options, whom it asks, and where it prints. */
final class RemoteCommand implements AutoCloseable {

  /** Everything beyond ASCII is escaped: no byte of an answer is a command to a terminal. */
  private static final ObjectWriter WRITER =
      new ObjectMapper(JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build())
          .writerWithDefaultPrettyPrinter();

  private final ParseResult options;
  private final Streams streams;
  private final Clock clock;
  private final Supplier<ServiceApi> opener;
  private @Nullable ServiceApi api;

  /** How an answer is printed. */
  enum Form {
    TEXT,
    JSON
  }

  RemoteCommand(ParseResult options, Streams streams, Clock clock, Supplier<ServiceApi> opener) {
    this.options = options;
    this.streams = streams;
    this.clock = clock;
    this.opener = opener;
  }

  /** Opened when it is first asked. */
  ServiceApi api() {
    ServiceApi opened = api;
    if (opened == null) {
      opened = opener.get();
      api = opened;
    }
    return opened;
  }

  /** The argument at a position that has to be there. */
  String argument(int position) {
    return optional(position).orElseThrow();
  }

  Optional<String> optional(int position) {
    return Optional.ofNullable(options.matchedPositionalValue(position, (String) null));
  }

  /** Whether a flag is set; {@code --flag=false} leaves it out. */
  boolean has(String flag) {
    return options.matchedOptionValue(flag, false);
  }

  Optional<String> option(String name) {
    return Optional.ofNullable(options.matchedOptionValue(name, (String) null));
  }

  List<String> values(String name) {
    return options.matchedOptionValue(name, List.of());
  }

  Instant now() {
    return clock.instant();
  }

  Optional<Duration> duration(String option) {
    return Optional.ofNullable(options.matchedOptionValue(option, (Duration) null));
  }

  boolean isJson() {
    return options.matchedOptionValue("--output", Form.TEXT) == Form.JSON;
  }

  /** As JSON when that is asked for, else as {@code lines}. */
  void answer(JsonNode answer, Supplier<List<String>> lines) {
    if (isJson()) {
      try {
        streams.out().println(WRITER.writeValueAsString(answer));
      } catch (JsonProcessingException e) {
        throw new UncheckedIOException(e);
      }
    } else {
      print(lines.get());
    }
  }

  /** Lines, blanks in them kept, in which nothing commands a terminal. */
  void print(List<String> lines) {
    lines.forEach(line -> streams.out().println(shown(line)));
  }

  /** Of what is not the answer itself. */
  void note(List<String> lines) {
    lines.forEach(line -> streams.err().println(shown(line)));
  }

  /** As it is where that is harmless: blanks of YAML and of tables stay. */
  private static String shown(String line) {
    boolean commandsABuild =
        line.stripLeading().startsWith("::")
            || (line.contains("##") && line.indexOf('[', line.indexOf("##")) >= 0);
    return TerminalText.isLine(line) && !commandsABuild ? line : TerminalText.line(line);
  }

  /** The bytes of a file that an option names; {@code -} is what is piped in. */
  byte[] file(String option) {
    String name = option(option).orElseThrow();
    try {
      return name.equals("-") ? streams.in().readAllBytes() : Files.readAllBytes(Path.of(name));
    } catch (IOException e) {
      throw new UsageException(option + " cannot be read: " + name);
    }
  }

  /** How long ago an instant of an answer was, in its two largest units. */
  String ago(JsonNode instant) {
    try {
      return instant.isTextual()
          ? span(Duration.between(Instant.parse(instant.asText()), now()))
          : "-";
    } catch (DateTimeException e) {
      return instant.asText();
    }
  }

  /** A duration of an answer. */
  static String span(JsonNode duration) {
    try {
      return span(Duration.parse(duration.asText()));
    } catch (DateTimeException e) {
      return duration.asText();
    }
  }

  private static String span(Duration duration) {
    List<String> units = new ArrayList<>();
    add(units, duration.toDays(), "d");
    add(units, duration.toHoursPart(), "h");
    add(units, duration.toMinutesPart(), "m");
    add(units, duration.toSecondsPart(), "s");
    return units.isEmpty() ? "0s" : String.join("", units.subList(0, Math.min(2, units.size())));
  }

  private static void add(List<String> units, long number, String unit) {
    if (number > 0) {
      units.add(number + unit);
    }
  }

  @Override
  public void close() {
    if (api != null) {
      api.close();
    }
  }
}
