// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

import java.util.Set;

/**
 * A receiver's choice of notices. An empty set takes everything.
 *
 * @param plans names of plans
 * @param owners owners of namespaces and exceptions; a notice without an owner is none of theirs
 * @param severity the least severity
 */
public record NoticeFilter(
    Set<String> plans, Set<String> owners, NoticeSeverity severity, Set<NoticeKind> kinds) {

  public NoticeFilter {
    plans = Set.copyOf(plans);
    owners = Set.copyOf(owners);
    kinds = Set.copyOf(kinds);
  }

  public boolean takes(Notice notice) {
    return (plans.isEmpty() || plans.contains(notice.plan()))
        && (owners.isEmpty() || (notice.owner() != null && owners.contains(notice.owner())))
        && notice.kind().severity().compareTo(severity) >= 0
        && (kinds.isEmpty() || kinds.contains(notice.kind()));
  }
}
