// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.view.ItemView;
import io.mtlsmigration.worklist.Item;
import io.mtlsmigration.worklist.Item.Unblocked;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Prints the worklist: lines for a terminal, rows for a spreadsheet. */
final class WorklistText {

  private static final int NAMED = 5;
  private static final int LISTED = 200;

  private static final List<String> HEAD =
      List.of(
          "kind",
          "subjectKind",
          "subjectNamespace",
          "subjectName",
          "owner",
          "plan",
          "share",
          "unblocksAlone",
          "unblocksCount",
          "unblocks",
          "calls",
          "firstSeen",
          "lastSeen",
          "title",
          "why",
          "remedy");

  private WorklistText() {}

  static List<String> lines(List<Item> items) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      lines.add(
          (i + 1)
              + ". "
              + item.title()
              + "; "
              + frees(item)
              + (item.owner() == null ? "" : " (" + item.owner() + ")"));
      lines.add("   " + item.why());
      lines.add("   " + item.advice());
      item.remedy().lines().forEach(line -> lines.add("     " + line));
    }
    return lines;
  }

  static List<List<String>> rows(List<Item> items) {
    return Stream.concat(Stream.of(HEAD), items.stream().map(WorklistText::row)).toList();
  }

  private static List<String> row(Item item) {
    return List.of(
        item.kind().name(),
        item.subject().kind(),
        item.subject().namespace(),
        item.subject().name(),
        Objects.requireNonNullElse(item.owner(), ""),
        item.plan(),
        Double.toString(ItemView.share(item)),
        Integer.toString(item.alone()),
        Integer.toString(item.unblocks().size()),
        item.unblocks().stream()
            .limit(LISTED)
            .map(Unblocked::namespace)
            .collect(Collectors.joining(" ")),
        Long.toString(item.calls()),
        told(item.firstSeen()),
        told(item.lastSeen()),
        item.title(),
        item.why(),
        item.remedy());
  }

  private static String told(@Nullable Instant instant) {
    return instant == null ? "" : instant.toString();
  }

  /** Returns a description of what an item unblocks. */
  static String frees(Item item) {
    String alone = names(item, true);
    String together = names(item, false);
    return Stream.of(
            alone.isEmpty() ? "" : "frees " + alone,
            together.isEmpty() ? "" : "with others frees " + together)
        .filter(words -> !words.isEmpty())
        .collect(Collectors.joining(", "));
  }

  private static String names(Item item, boolean alone) {
    List<String> names =
        item.unblocks().stream()
            .filter(one -> one.alone() == alone)
            .map(Unblocked::namespace)
            .toList();
    int more = names.size() - NAMED;
    return names.stream().limit(NAMED).collect(Collectors.joining(", "))
        + (more > 0 ? " and " + more + " more" : "");
  }
}
