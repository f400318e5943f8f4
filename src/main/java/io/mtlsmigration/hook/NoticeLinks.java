// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import io.mtlsmigration.notice.Notice;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Addresses of the page that notices lead to. */
public final class NoticeLinks {

  private final @Nullable String base;

  /**
   * @param page where people open the page, with its path prefix; null = nobody has said, and there
   *     are no links
   */
  public NoticeLinks(@Nullable URI page) {
    String text = page == null ? null : page.toString();
    this.base = text != null && text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }

  /** Returns the address of the step or plan that a notice is about. */
  Optional<String> to(Notice notice) {
    if (notice.plan().isEmpty()) {
      return toPlans();
    }
    String step = notice.step() == null ? "" : "?step=" + encoded(notice.step().toString());
    return Optional.ofNullable(base)
        .map(page -> page + "/#/plans/" + encoded(notice.plan()) + step);
  }

  /** Returns the address of the list of plans. */
  Optional<String> toPlans() {
    return Optional.ofNullable(base).map(page -> page + "/#/plans");
  }

  /** Returns the source of events of a plan, or of a test: its address in the API. */
  URI source(String plan) {
    String path = plan.isEmpty() ? "notices" : "plans/" + encoded(plan);
    return URI.create((base == null ? "" : base) + "/api/v1/" + path);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
