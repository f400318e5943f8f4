// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how long the head of a call may take on one connection, from its first byte (under TLS,
 * that of the handshake) to its end, whatever the rate of bytes; a late connection is closed. Time
 * does not count while a call is answered, so a stream may last; nor while a connection is quiet,
 * which the idle timeout bounds.
 *
 * <p>All methods run in the connection's event loop.
 */
final class HeadDeadline extends ChannelInboundHandlerAdapter {

  static final String NAME = "head-deadline";

  /** The limit of all connections of the process' one HTTP layer; zero until that has set it. */
  private static volatile Duration allowed = Duration.ZERO;

  private long arrived;
  private int underWay;
  private @Nullable Future<?> timer;

  /** Sets the limit for all connections; zero for none. */
  static void bound(Duration by) {
    allowed = by;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    long before = arrived;
    context.fireChannelRead(message);
    // The end of one head may be followed by the beginning of the next, whose next byte starts the
    // timer.
    boolean waiting = arrived == before && underWay == 0 && !context.isRemoved();
    if (waiting && timer == null && allowed.isPositive()) {
      timer =
          context
              .executor()
              .schedule(() -> late(context), allowed.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    stop();
    context.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    stop();
  }

  /** Records that the head of a call is complete. */
  void arrived() {
    arrived++;
    underWay++;
    stop();
  }

  /** Records that a call has been answered. */
  void answered() {
    underWay--;
  }

  private void stop() {
    Future<?> running = timer;
    if (running != null) {
      running.cancel(false);
      timer = null;
    }
  }

  private static void late(ChannelHandlerContext context) {
    ChannelFuture unused = context.close();
  }
}
