// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.NoticeTestView;
import io.mtlsmigration.notice.NoticeTests;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Tries out the receivers of notices. */
@Path("/api/v1/notices")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Notices")
public final class NoticesResource {

  private final NoticeTests notices;

  NoticesResource(NoticeTests notices) {
    this.notices = notices;
  }

  @POST
  @Path("/{receiver}/test")
  @Needs(Verb.UPDATE)
  @Operation(
      operationId = "testNotice",
      summary = "Send a test to a receiver of notices",
      description =
          "At once, whatever the receiver's filters and digest say, and without a trace in what it"
              + " is told next. Needs the verb update on all plans. Once in ten seconds for each"
              + " receiver; more is a 429.")
  public NoticeTestView test(
      @PathParam("receiver") String receiver, @Context SecurityContext security)
      throws InterruptedException {
    if (!notices.receivers().contains(receiver)) {
      throw ApiException.notFound(
          "receiver "
              + receiver
              + " of notices; "
              + (notices.receivers().isEmpty()
                  ? "none is configured"
                  : "configured are " + String.join(", ", notices.receivers())));
    }
    try {
      return NoticeTestView.of(receiver, notices.test(receiver, Actor.of(security)));
    } catch (NoticeTests.TooSoonException e) {
      ApiException later =
          ApiException.busy(
              String.valueOf(e.getMessage()), Math.toIntExact(NoticeTests.PAUSE.toSeconds()));
      later.initCause(e);
      throw later;
    }
  }
}
