// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.worklist.Item;
import io.mtlsmigration.worklist.ItemKind;
import io.mtlsmigration.worklist.Worklist;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "WorklistItem", description = "Something that one owner can do, and what it frees")
public record ItemView(
    @Schema(description = "What somebody has to do; others may come") ItemKind kind,
    @Schema(
            description =
                "What has to be changed; Mesh, Wave and MigrationPlan are kinds, too, where it is"
                    + " none of Kubernetes' own")
        Ref subject,
    @Schema(description = "Who looks after it, by the labels of the configuration; null: nobody")
        @Nullable String owner,
    @Schema(description = "The plan that it is about; null: none") @Nullable String plan,
    @Schema(description = "The first 200 namespaces that it is in the way of, by name")
        List<Unblocked> unblocks,
    @Schema(description = "How many they are in all") int unblocksCount,
    @Schema(description = "How many of them it frees when nothing else is done") int unblocksAlone,
    @Schema(
            description =
                "Namespaces that are freed when its turn comes, on average over all orders in which"
                    + " the items may be done: what it frees alone counts as 1, what it frees with"
                    + " n - 1 others as 1/n. The list goes by it")
        double share,
    @Schema(description = "What to do, in a few words") String title,
    @Schema(description = "What holds, in words of the gate or hazard") String why,
    @Schema(description = "What to do") String advice,
    @Schema(
            description =
                "Commands, or entries for a plan's exceptions, to copy; empty where there are none")
        String remedy,
    @Schema(description = "The facts behind it") List<String> evidence,
    @Schema(
            description =
                "First of the calls that were counted, or since when a person is waited for; null"
                    + " when nobody measured")
        @Nullable Instant firstSeen,
    @Schema(description = "Last of the calls that were counted; null when it is not about calls")
        @Nullable Instant lastSeen,
    @Schema(description = "Calls in plaintext within the window") long calls) {

  private static final int SHOWN = 200;

  @Schema(name = "UnblockedNamespace", description = "A namespace that an item is in the way of")
  public record Unblocked(
      @Schema(description = "Its name; the root namespace stands for the mesh step")
          String namespace,
      @Schema(
              description =
                  "Whether nothing else is in its way that somebody could do now; time may be"
                      + " awaited after it")
          boolean only) {}

  public static ItemView of(Item item) {
    return new ItemView(
        item.kind(),
        Ref.of(item.subject()),
        item.owner(),
        item.plan().isEmpty() ? null : item.plan(),
        item.unblocks().stream()
            .limit(SHOWN)
            .map(one -> new Unblocked(one.namespace(), one.alone()))
            .toList(),
        item.unblocks().size(),
        item.alone(),
        share(item),
        item.title(),
        item.why(),
        item.advice(),
        item.remedy(),
        item.evidence(),
        item.firstSeen(),
        item.lastSeen(),
        item.calls());
  }

  /** Returns the share, rounded to three places. */
  public static double share(Item item) {
    return Math.round(1000.0 * item.share() / Worklist.WHOLE) / 1000.0;
  }
}
