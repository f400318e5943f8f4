package io.mtlsmigration.api.input;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Puts a {@link HeadDeadline} before all that reads from a connection. Vert.x shows a call once its
 * head is complete, and a connection only to whoever made the server; so this comes in by Netty's
 * own door for rules that hold for every server of a process, which {@code Main} opens.
 */
@RegisterForReflection(fields = false, methods = false)
public final class HeadDeadlines extends ChannelInitializerExtension {

  /** Netty makes it, by {@link java.util.ServiceLoader}. */
  public HeadDeadlines() {}

  @Override
  public void postInitializeServerChildChannel(Channel channel) {
    channel.pipeline().addFirst(HeadDeadline.NAME, new HeadDeadline());
  }
}
