// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.resource.NamespaceMigrationStatus.Notice;
import io.mtlsmigration.kubernetes.resource.NamespaceMigrationStatus.Told;
import io.mtlsmigration.kubernetes.resource.ResourceJson.MalformedException;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.HookCall;
import io.mtlsmigration.rollout.HookNotice;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.Reason;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Converts pending hook notices to and from a step's status. */
final class NoticeEntries {

  private NoticeEntries() {}

  static List<Notice> write(List<HookNotice> notices) {
    return notices.stream().map(NoticeEntries::write).toList();
  }

  private static Notice write(HookNotice notice) {
    return new Notice(
        notice.id(),
        notice.hook().url().toString(),
        notice.hook().when().name(),
        notice.generation(),
        notice.phase().name(),
        notice.reason().name(),
        notice.message(),
        notice.at().toString(),
        notice.objects().stream().map(NoticeEntries::told).toList(),
        notice.problem());
  }

  private static Told told(HookCall.Change change) {
    return new Told(
        PolicySpecs.write(change.ref()),
        change.purpose().name(),
        PolicySpecs.write(change.before()),
        PolicySpecs.write(change.after()));
  }

  static List<HookNotice> read(@Nullable List<Notice> entries) throws MalformedException {
    List<HookNotice> notices = new ArrayList<>();
    for (Notice entry : Values.list(entries)) {
      String pointer = "/status/notices/" + notices.size();
      notices.add(
          new HookNotice(
              Values.required(entry.id(), pointer + "/id"),
              new PlanSpec.Hook(
                  url(Values.required(entry.url(), pointer + "/url"), pointer + "/url"),
                  Values.choice(PlanSpec.Hook.When.class, entry.when(), pointer + "/when")),
              Values.required(entry.generation(), pointer + "/generation"),
              Values.choice(Phase.class, entry.phase(), pointer + "/phase"),
              Values.choice(Reason.class, entry.reason(), pointer + "/reason"),
              Values.text(entry.message()),
              Values.instant(entry.at(), pointer + "/at"),
              objects(entry, pointer),
              Values.text(entry.problem())));
    }
    return notices;
  }

  private static URI url(String text, String pointer) throws MalformedException {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw Values.malformed(pointer, "is no URL");
    }
  }

  private static List<HookCall.Change> objects(Notice notice, String pointer)
      throws MalformedException {
    List<HookCall.Change> objects = new ArrayList<>();
    for (Told told : Values.list(notice.objects())) {
      String place = pointer + "/objects/" + objects.size();
      objects.add(
          new HookCall.Change(
              PolicySpecs.read(told.object(), place + "/object"),
              Values.choice(PolicyChange.Purpose.class, told.purpose(), place + "/purpose"),
              PolicySpecs.read(told.before(), place + "/before"),
              PolicySpecs.read(told.after(), place + "/after")));
    }
    return objects;
  }
}
