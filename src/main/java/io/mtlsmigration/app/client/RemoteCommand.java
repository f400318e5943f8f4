// SPDX-License-Identifier: Apache-2.0
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

/** One run of a command: its options, its endpoint and its output. */
final class RemoteCommand implements AutoCloseable {

  /** Escapes everything beyond ASCII, so that no byte of an answer controls the terminal. */
  private static final ObjectWriter WRITER =
      new ObjectMapper(JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build())
          .writerWithDefaultPrettyPrinter();

  private final ParseResult options;
  private final Streams streams;
  private final Clock clock;
  private final Supplier<ServiceApi> opener;
  private @Nullable ServiceApi api;

  /** The output formats of an answer. */
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

  /** Returns the API, connecting at the first use. */
  ServiceApi api() {
    ServiceApi opened = api;
    if (opened == null) {
      opened = opener.get();
      api = opened;
    }
    return opened;
  }

  /** Returns a required argument by position. */
  String argument(int position) {
    return optional(position).orElseThrow();
  }

  Optional<String> optional(int position) {
    return Optional.ofNullable(options.matchedPositionalValue(position, (String) null));
  }

  /** Returns whether a flag is set; {@code --flag=false} unsets it. */
  boolean has(String flag) {
    return options.matchedOptionValue(flag, false);
  }

  /** Returns whether an option is there, with whatever value. */
  boolean isGiven(String name) {
    return options.hasMatchedOption(name);
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

  /** Prints the answer as JSON if requested, else as {@code lines}. */
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

  /** Prints lines with their blanks and without control characters. */
  void print(List<String> lines) {
    lines.forEach(line -> streams.out().println(shown(line)));
  }

  /** Prints notes beside the answer. */
  void note(List<String> lines) {
    lines.forEach(line -> streams.err().println(shown(line)));
  }

  /** Returns the line with harmless characters unchanged; blanks of YAML and of tables stay. */
  private static String shown(String line) {
    boolean commandsABuild =
        line.stripLeading().startsWith("::")
            || (line.contains("##") && line.indexOf('[', line.indexOf("##")) >= 0);
    return TerminalText.isLine(line) && !commandsABuild ? line : TerminalText.line(line);
  }

  /** Returns the content of the file that an option names; {@code -} is the standard input. */
  byte[] file(String option) {
    String name = option(option).orElseThrow();
    try {
      return name.equals("-") ? streams.in().readAllBytes() : Files.readAllBytes(Path.of(name));
    } catch (IOException e) {
      throw new UsageException(option + " cannot be read: " + name);
    }
  }

  /** Returns the age of an instant of an answer, in its two largest units. */
  String ago(JsonNode instant) {
    try {
      return instant.isTextual()
          ? span(Duration.between(Instant.parse(instant.asText()), now()))
          : "-";
    } catch (DateTimeException e) {
      return instant.asText();
    }
  }

  /** Returns a duration of an answer as text. */
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

  /** Ends the connection; {@link #api} opens another one. */
  @Override
  public void close() {
    if (api != null) {
      api.close();
      api = null;
    }
  }
}
