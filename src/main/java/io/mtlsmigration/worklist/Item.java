package io.mtlsmigration.worklist;

import io.mtlsmigration.mesh.ObjectRef;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that one owner can do, and what it frees.
 *
 * @param subject what has to be changed; of kind {@code Mesh}, {@code Wave} or {@code
 *     MigrationPlan} where it is none of Kubernetes' own
 * @param plan the plan that it is about; empty where it is about none
 * @param owner who looks after the subject; null when no label tells
 * @param unblocks the namespaces that it is in the way of, by name; the root namespace stands for
 *     the mesh step
 * @param alone how many of them it frees when nothing else is done
 * @param share what it frees on average over all orders in which every item may be done, in
 *     millionths of a namespace; see {@link Worklist}
 * @param title what to do, in a few words
 * @param why what holds, in words of the gate or hazard
 * @param advice what to do
 * @param remedy commands, or a part of a plan, to copy; no line that has a name in it which is none
 *     of Kubernetes. Empty where nothing can be copied
 * @param evidence the facts behind it, in words that name objects and clients
 * @param firstSeen of the calls that were counted, or since when a person is waited for; null when
 *     nobody measured
 * @param calls in plaintext within the window; 0 when it is not about calls
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
   * A namespace that an item is in the way of.
   *
   * @param alone whether nothing else is that somebody could do now; time may be awaited after it
   */
  public record Unblocked(String namespace, boolean alone) {}

  /**
   * Unique, and in the order of the list: what frees most comes first, then what frees most alone,
   * what is in the way of most, what most calls are behind, and kind and subject.
   */
  public String key() {
    return down(share)
        + down(alone)
        + down(unblocks.size())
        + down(calls)
        + kind
        + subject
        + "\n"
        + plan;
  }

  private static String down(long number) {
    String digits = Long.toString(Long.MAX_VALUE - number);
    return "0".repeat(19 - digits.length()) + digits;
  }
}
