// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Tells each connection's {@link HeadDeadline} when heads are complete and when calls have been
 * answered, on both ports. Several calls share a connection of HTTP/2, whose frames are no heads:
 * from its first call on only the idle timeout applies.
 */
@Singleton
final class HeadTimes {

  /** First of all, so that the time of other handlers does not count for the head. */
  private static final int PRIORITY = 2_000;

  HeadTimes(
      @ConfigProperty(name = "mtls-migration.head.timeout", defaultValue = "20s")
          Duration allowed) {
    HeadDeadline.bound(allowed);
  }

  void register(@Observes Filters filters) {
    filters.register(HeadTimes::tell, PRIORITY);
  }

  void register(@Observes ManagementInterface management) {
    management.router().route().order(-PRIORITY).handler(HeadTimes::tell);
  }

  private static void tell(RoutingContext routing) {
    if (routing.request().connection() instanceof HttpServerConnection connection) {
      Channel channel = connection.channel();
      ChannelHandler handler = channel.pipeline().get(HeadDeadline.NAME);
      if (handler instanceof HeadDeadline deadline) {
        if (routing.request().version() == HttpVersion.HTTP_2) {
          channel.pipeline().remove(deadline);
        } else {
          deadline.arrived();
          routing.addEndHandler(end -> channel.eventLoop().execute(deadline::answered));
        }
      }
    }
    routing.next();
  }
}
