// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Adds a {@link HeadDeadline} to each connection before anything reads from it. Vert.x shows a call
 * once its head is complete, and a connection only to the creator of the server; so this uses
 * Netty's extension point for every server of a process, which {@code Main} enables.
 */
@RegisterForReflection(fields = false, methods = false)
public final class HeadDeadlines extends ChannelInitializerExtension {

  /** Called by Netty through {@link java.util.ServiceLoader}. */
  public HeadDeadlines() {}

  @Override
  public void postInitializeServerChildChannel(Channel channel) {
    channel.pipeline().addFirst(HeadDeadline.NAME, new HeadDeadline());
  }
}
