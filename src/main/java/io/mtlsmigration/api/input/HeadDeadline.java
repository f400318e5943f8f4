package io.mtlsmigration.api.input;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how long the head of a call may take on one connection, from its first byte (under TLS,
 * that of the handshake) to its end, however busily bytes come. While a call is answered nothing is
 * counted, so a stream may last; while nothing comes nothing is counted either, for a quiet
 * connection is the idle timeout's.
 *
 * <p>All methods run in the connection's event loop.
 */
final class HeadDeadline extends ChannelInboundHandlerAdapter {

  static final String NAME = "head-deadline";

  /**
   * What holds for all connections.
   *
   * @param allowed zero for as long as it likes
   * @param answer to one who is too slow: a whole answer of HTTP/1.1
   */
  record Bound(Duration allowed, Supplier<String> answer) {}

  /** There is one HTTP layer in a process; nothing is bounded before it says so. */
  private static volatile Bound bound = new Bound(Duration.ZERO, () -> "");

  private long arrived;
  private int underWay;
  private @Nullable Future<?> timer;

  static void bound(Bound by) {
    bound = by;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    long before = arrived;
    context.fireChannelRead(message);
    // Behind the end of a head there may be the beginning of the next one: its next byte counts.
    Bound now = bound;
    boolean waiting = arrived == before && underWay == 0 && !context.isRemoved();
    if (waiting && timer == null && now.allowed.isPositive()) {
      timer =
          context
              .executor()
              .schedule(
                  () -> late(context, now.answer), now.allowed.toMillis(), TimeUnit.MILLISECONDS);
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

  private static void late(ChannelHandlerContext context, Supplier<String> answer) {
    boolean encrypted = context.pipeline().get(SslHandler.class) != null;
    // From here, an answer would go past the encryption: there it is but closed.
    context
        .writeAndFlush(
            encrypted ? Unpooled.EMPTY_BUFFER : Unpooled.copiedBuffer(answer.get(), UTF_8))
        .addListener(ChannelFutureListener.CLOSE);
  }
}
