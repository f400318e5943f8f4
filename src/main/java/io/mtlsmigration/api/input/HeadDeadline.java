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
 * that of the handshake) to its end, however busily bytes come; then the connection is closed.
 * While a call is answered nothing is counted, so a stream may last; while nothing comes nothing is
 * counted either, for a quiet connection is the idle timeout's.
 *
 * <p>All methods run in the connection's event loop.
 */
final class HeadDeadline extends ChannelInboundHandlerAdapter {

  static final String NAME = "head-deadline";

  /** There is one HTTP layer in a process; nothing is bounded before it says so. */
  private static volatile Duration allowed = Duration.ZERO;

  private long arrived;
  private int underWay;
  private @Nullable Future<?> timer;

  /** For all connections; zero for as long as they like. */
  static void bound(Duration by) {
    allowed = by;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    long before = arrived;
    context.fireChannelRead(message);
    // Behind the end of a head there may be the beginning of the next one: its next byte counts.
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

  /** The head of a call is complete. */
  void arrived() {
    arrived++;
    underWay++;
    stop();
  }

  /** The call has had its answer. */
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
