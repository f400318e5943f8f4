// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Completion of a command line by Cobra's protocol, which kubectl uses with its plugins: one
 * candidate a line, then a colon and a directive for the shell.
 *
 * <p>picocli's own completion knows only the words of the program, not the names of plans.
 */
final class Completion {

  /** Cobra's ShellCompDirectiveDefault: complete files when there is no candidate. */
  static final String FILES = ":0";

  /** Cobra's ShellCompDirectiveNoFileComp. */
  static final String NO_FILES = ":4";

  private final Map<String, String> options = new HashMap<>();
  private final List<String> arguments = new ArrayList<>();
  private CommandSpec command;
  private @Nullable OptionSpec pending;

  private Completion(CommandSpec root) {
    this.command = root;
  }

  /**
   * Returns the candidates that begin with the last word.
   *
   * @param words after the program's name; the last one is being typed, and may be empty
   * @param opener connects by the options on the line
   */
  static List<String> of(
      CommandSpec root,
      List<String> words,
      Function<Function<String, Optional<String>>, ServiceApi> opener) {
    Completion line = new Completion(root);
    words.subList(0, words.size() - 1).forEach(line::read);
    String begun = words.getLast();
    ArgSpec wanted = line.wanted(begun);
    if (wanted != null && wanted.paramLabel().equals(Usage.FILE)) {
      return List.of(FILES);
    }
    Stream<String> candidates =
        wanted == null ? line.words(begun) : line.values(wanted, opener).stream();
    return Stream.concat(
            candidates.filter(word -> word.startsWith(begun) && isPlain(word)).sorted(),
            Stream.of(NO_FILES))
        .toList();
  }

  private void read(String word) {
    OptionSpec before = pending;
    if (before != null) {
      options.put(before.longestName(), word);
      pending = null;
    } else if (word.startsWith("-") && word.length() > 1) {
      readOption(word);
    } else if (command.subcommands().containsKey(word)) {
      command = command.subcommands().get(word).getCommandSpec();
    } else {
      arguments.add(word);
    }
  }

  private void readOption(String word) {
    int equals = word.indexOf('=');
    OptionSpec option = command.optionsMap().get(equals < 0 ? word : word.substring(0, equals));
    if (option == null) {
      return;
    }
    if (equals >= 0) {
      options.put(option.longestName(), word.substring(equals + 1));
    } else if (option.arity().max() == 0) {
      options.put(option.longestName(), "true");
    } else {
      pending = option;
    }
  }

  /** Returns the option or argument whose value is being typed; null for a word of the program. */
  private @Nullable ArgSpec wanted(String begun) {
    if (pending != null || begun.startsWith("-")) {
      return pending;
    }
    for (PositionalParamSpec argument : command.positionalParameters()) {
      if (argument.index().contains(arguments.size())) {
        return argument;
      }
    }
    return null;
  }

  private Stream<String> words(String begun) {
    return begun.startsWith("-")
        ? command.options().stream().filter(o -> !o.hidden()).map(OptionSpec::longestName)
        : command.subcommands().entrySet().stream()
            .filter(e -> !e.getValue().getCommandSpec().usageMessage().hidden())
            .map(Map.Entry::getKey);
  }

  private List<String> values(
      ArgSpec wanted, Function<Function<String, Optional<String>>, ServiceApi> opener) {
    String label = wanted.paramLabel();
    if (label.indexOf('|') >= 0) {
      return List.of(label.split("\\|"));
    }
    boolean asked =
        List.of(Usage.PLAN, Usage.NAMESPACE, Usage.WAVE, Usage.EXCEPTION).contains(label);
    if (!asked) {
      return List.of();
    }
    try (ServiceApi api = opener.apply(name -> Optional.ofNullable(options.get(name)))) {
      return names(api, label);
    } catch (IOException | RefusedException | RuntimeException e) {
      // Errors must not disturb a shell that is being typed into.
      return List.of();
    }
  }

  private List<String> names(ServiceApi api, String label) throws IOException, RefusedException {
    if (label.equals(Usage.WAVE)) {
      String plan = arguments.isEmpty() ? "" : arguments.getFirst();
      return names(api.get(ServiceApi.path("plans", plan), Map.of()).path("waves"));
    }
    if (label.equals(Usage.EXCEPTION)) {
      String plan = arguments.isEmpty() ? "" : arguments.getFirst();
      String exceptions = ServiceApi.path("plans", plan, "exceptions");
      return texts(api.list(exceptions, MeshCommands.WHOLE).path("items"), "id");
    }
    String list = label.equals(Usage.PLAN) ? "/plans" : "/namespaces";
    return names(api.list(list, MeshCommands.WHOLE).path("items"));
  }

  private static List<String> names(JsonNode items) {
    return texts(items, "name");
  }

  private static List<String> texts(JsonNode items, String field) {
    List<String> texts = new ArrayList<>();
    items.forEach(item -> texts.add(item.path(field).asText()));
    return texts;
  }

  /** Returns whether a shell takes the text, which a server may have chosen, for one word. */
  private static boolean isPlain(String word) {
    return !word.isEmpty()
        && word.chars()
            .allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "-._".indexOf(c) >= 0));
  }
}
