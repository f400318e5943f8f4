// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import io.mtlsmigration.mesh.ObjectRef;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task for one owner, with the namespaces that it unblocks.
 *
 * @param subject the object to change; of kind {@code Mesh}, {@code Wave} or {@code MigrationPlan}
 *     where it is no Kubernetes object
 * @param plan the plan that it is about; empty where it is about none
 * @param owner the subject's owner; null when no label names one
 * @param unblocks the namespaces that it blocks, by name; the root namespace stands for the mesh
 *     step
 * @param alone number of namespaces that it unblocks when nothing else is done
 * @param share average number of namespaces that it unblocks over all orders in which every item
 *     may be done, in millionths of a namespace; see {@link Worklist}
 * @param title what to do, in a few words
 * @param why what holds, in words of the gate or hazard
 * @param advice what to do
 * @param remedy commands, or a part of a plan, to copy; without any line that contains a name not
 *     valid in Kubernetes. Empty where nothing can be copied
 * @param evidence the facts behind it, in words that name objects and clients
 * @param firstSeen time of the first counted call, or since when a person is awaited; null when
 *     nothing was measured
 * @param calls plaintext calls within the window; 0 when it is not about calls
 */
public record Item(
    ItemKind kind,
    ObjectRef subject,
    String plan,
    @Nullable String owner,
    List<Unblocked> unblocks,
    int alone,
    long share,
    String title,
    String why,
    String advice,
    String remedy,
    List<String> evidence,
    @Nullable Instant firstSeen,
    @Nullable Instant lastSeen,
    long calls) {

  public Item {
    unblocks = List.copyOf(unblocks);
    evidence = List.copyOf(evidence);
  }

  /**
   * A namespace that an item blocks.
   *
   * @param alone whether nothing else that somebody could do now blocks it; time may be awaited
   *     after it
   */
  public record Unblocked(String namespace, boolean alone) {}

  /**
   * Returns a unique key in the order of the list: items that unblock most come first, then those
   * that unblock most alone, block most namespaces, and then kind and subject. Calls do not count:
   * they change with every look, and who reads page by page would miss some.
   */
  public String key() {
    return down(share) + down(alone) + down(unblocks.size()) + kind + subject + "\n" + plan;
  }

  private static String down(long number) {
    String digits = Long.toString(Long.MAX_VALUE - number);
    return "0".repeat(19 - digits.length()) + digits;
  }
}
