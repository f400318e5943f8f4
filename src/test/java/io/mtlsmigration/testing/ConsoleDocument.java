// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A document whose blocks marked {@code console} show commands after {@code $}, and what they
 * print.
 */
public final class ConsoleDocument {

  private ConsoleDocument() {}

  /** A fenced block; {@code number} is the line of its first line, from 1. */
  public record Block(String language, int number, List<String> lines) {

    /** All of a document. */
    public static List<Block> of(Path document) throws IOException {
      return of(Files.readAllLines(document));
    }

    private static List<Block> of(List<String> document) {
      List<Block> blocks = new ArrayList<>();
      int begin = -1;
      for (int i = 0; i < document.size(); i++) {
        if (!document.get(i).startsWith("```")) {
          continue;
        }
        if (begin < 0) {
          begin = i;
        } else {
          String language = document.get(begin).substring("```".length());
          blocks.add(new Block(language, begin + 2, document.subList(begin + 1, i)));
          begin = -1;
        }
      }
      assertEquals(-1, begin, "a block does not end");
      return blocks;
    }
  }

  /**
   * A command and what it prints.
   *
   * @param place where it stands in its document
   * @param output with the end of its last line; empty when nothing is printed
   */
  public record Step(String place, String command, String output) {

    private static final String PROMPT = "$ ";

    /** All of a document, in their order. */
    public static List<Step> read(Path document) throws IOException {
      List<Step> steps = new ArrayList<>();
      for (Block block : Block.of(document)) {
        if (block.language().equals("console")) {
          read(document, block, steps);
        }
      }
      return steps;
    }

    private static void read(Path document, Block block, List<Step> steps) {
      List<String> lines = block.lines();
      for (int i = 0; i < lines.size(); ) {
        String place = document + ":" + (block.number() + i);
        if (!lines.get(i).startsWith(PROMPT)) {
          fail(place + ": a console block begins with a command");
        }
        StringBuilder command = new StringBuilder(lines.get(i).substring(PROMPT.length()));
        i++;
        while (command.toString().endsWith("\\")) {
          command.append('\n').append(lines.get(i));
          i++;
        }
        StringBuilder output = new StringBuilder();
        while (i < lines.size() && !lines.get(i).startsWith(PROMPT)) {
          output.append(lines.get(i)).append('\n');
          i++;
        }
        steps.add(new Step(place, command.toString(), output.toString()));
      }
    }

    /** Lines in common are indented, {@code -} is only in the document, {@code +} only printed. */
    public String difference(String printed) {
      List<String> shown = output.lines().toList();
      List<String> actual = printed.lines().toList();
      int shorter = Math.min(shown.size(), actual.size());
      int head = 0;
      while (head < shorter && shown.get(head).equals(actual.get(head))) {
        head++;
      }
      int tail = 0;
      while (tail < shorter - head
          && shown.get(shown.size() - 1 - tail).equals(actual.get(actual.size() - 1 - tail))) {
        tail++;
      }
      List<String> lines = new ArrayList<>();
      lines.add(place + ": the command does not print what is shown");
      lines.add("  $ " + command);
      shown.subList(0, head).forEach(line -> lines.add("    " + line));
      shown.subList(head, shown.size() - tail).forEach(line -> lines.add("  - " + line));
      actual.subList(head, actual.size() - tail).forEach(line -> lines.add("  + " + line));
      shown.subList(shown.size() - tail, shown.size()).forEach(line -> lines.add("    " + line));
      if (!printed.isEmpty() && !printed.endsWith("\n")) {
        lines.add("  (what is printed lacks the end of its last line)");
      }
      return String.join("\n", lines);
    }
  }
}
