// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.testing.Seeds;
import io.mtlsmigration.worklist.Item.Unblocked;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What the worklist promises is compared with what happens: every set of items is really done, and
 * the gates are asked again.
 */
final class WorklistPropertiesTest {

  private static final int MOST = 6;

  /** How many namespaces are free when a set of items is done; a bit stands for an item. */
  private static long[] freed(SmallMesh mesh, List<Item> items) {
    long held = mesh.held();
    long[] freed = new long[1 << items.size()];
    for (int done = 0; done < freed.length; done++) {
      SmallMesh left = mesh;
      for (int i = 0; i < items.size(); i++) {
        left = (done & (1 << i)) == 0 ? left : left.without(items.get(i));
      }
      freed[done] = held - left.held();
    }
    return freed;
  }

  /** By definition: over all orders, what is freed when the item's turn comes. */
  private static double shapley(long[] freed, int items, int item) {
    double sum = 0;
    List<List<Integer>> orders = new ArrayList<>();
    permute(new ArrayList<>(), items, orders);
    for (List<Integer> order : orders) {
      int before = 0;
      for (int next : order) {
        if (next == item) {
          sum += freed[before | (1 << item)] - freed[before];
          break;
        }
        before |= 1 << next;
      }
    }
    return sum / orders.size();
  }

  private static void permute(List<Integer> begun, int items, List<List<Integer>> into) {
    if (begun.size() == items) {
      into.add(List.copyOf(begun));
    }
    for (int next = 0; next < items; next++) {
      if (!begun.contains(next)) {
        begun.add(next);
        permute(begun, items, into);
        begun.removeLast();
      }
    }
  }

  @Test
  void promisesWhatHappensWhenItIsDone() {
    Seeds.each(
        150,
        draw -> {
          SmallMesh mesh = SmallMesh.draw(draw);
          List<Item> items = mesh.worklist().items();
          if (items.size() > MOST) {
            return;
          }
          long[] freed = freed(mesh, items);
          for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            assertEquals(freed[1 << i], item.alone(), item.toString());
            assertEquals(
                shapley(freed, items.size(), i),
                item.share() / (double) Worklist.WHOLE,
                1e-6,
                item.toString());
          }
          assertEquals(mesh.held(), freed[freed.length - 1], "all of them free everybody");
        });
  }

  @Test
  void putsFirstWhatFreesMost() {
    Seeds.each(
        100,
        draw -> {
          List<Item> items = SmallMesh.draw(draw).worklist().items();
          assertEquals(
              items.stream()
                  .sorted(
                      Comparator.comparingLong(Item::share)
                          .thenComparingInt(Item::alone)
                          .thenComparingInt(item -> item.unblocks().size())
                          .reversed()
                          .thenComparing(item -> item.kind().name())
                          .thenComparing(Item::subject))
                  .toList(),
              items);
          assertEquals(items.size(), items.stream().map(Item::key).distinct().count());
        });
  }

  /** What is done is gone, and nothing comes in its place. */
  @Test
  void anItemVanishesWhenItIsDone() {
    Seeds.each(
        100,
        draw -> {
          SmallMesh mesh = SmallMesh.draw(draw);
          for (Item item : mesh.worklist().items()) {
            List<String> left =
                mesh.without(item).worklist().items().stream().map(Item::title).toList();
            List<String> others =
                mesh.worklist().items().stream()
                    .map(Item::title)
                    .filter(title -> !title.equals(item.title()))
                    .toList();
            assertTrue(left.containsAll(others) && others.containsAll(left), left + " " + others);
          }
        });
  }

  @Test
  void ownersHaveAllItemsAndAllNamespacesBetweenThem() {
    Seeds.each(
        100,
        draw -> {
          SmallMesh mesh = SmallMesh.draw(draw);
          Worklist worklist = mesh.worklist();
          assertEquals(
              worklist.items().size(),
              worklist.owners().stream().mapToInt(Worklist.Owner::items).sum());
          assertEquals(
              mesh.names().size() + 1, // legacy
              worklist.owners().stream()
                  .flatMap(owner -> owner.namespaces().values().stream())
                  .mapToInt(Integer::intValue)
                  .sum());
          assertEquals(
              mesh.held(),
              worklist.items().stream()
                  .flatMap(item -> item.unblocks().stream())
                  .map(Unblocked::namespace)
                  .collect(Collectors.toSet())
                  .size());
        });
  }
}
