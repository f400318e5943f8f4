package io.mtlsmigration.api.input;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequestDecoder;

/**
 * Puts a {@link HeadCheck} behind the decoder of each connection of HTTP/1. Which protocol a
 * connection speaks, and so what is put into its pipeline, Vert.x decides by its first bytes, or at
 * the end of the TLS handshake: until then somebody waits for them behind whoever decides.
 */
public final class HeadChecks extends ChannelInitializerExtension {

  private static final Wait WAIT = new Wait();

  /** Netty makes it, by {@link java.util.ServiceLoader}. */
  public HeadChecks() {}

  @Override
  public void postInitializeServerChildChannel(Channel channel) {
    channel.pipeline().addLast(WAIT);
  }

  /** Behind the decoder, and before whoever makes calls of what it reads. */
  private static boolean put(ChannelPipeline pipeline) {
    if (pipeline.get(HttpRequestDecoder.class) == null) {
      return false;
    }
    // Vert.x's own handler is there already, or put there by the handler that is the last one now.
    ChannelHandlerContext last = pipeline.context("handler");
    if (last == null) {
      pipeline.addLast(HeadCheck.NAME, new HeadCheck());
    } else {
      pipeline.addBefore("handler", HeadCheck.NAME, new HeadCheck());
    }
    return true;
  }

  /** Passes bytes on, and leaves once they go to the decoder of HTTP/1. */
  @Sharable
  private static final class Wait extends ChannelInboundHandlerAdapter {

    /** Vert.x has not put in anything before the connection is registered; it has now. */
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.fireChannelActive();
      ChannelPipeline pipeline = context.pipeline();
      pipeline.remove(this);
      if (!put(pipeline)) {
        pipeline.addLast(this);
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (put(context.pipeline())) {
        context.pipeline().remove(this);
      }
      context.fireChannelRead(message);
    }
  }
}
