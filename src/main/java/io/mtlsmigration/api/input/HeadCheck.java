package io.mtlsmigration.api.input;

import io.mtlsmigration.api.problem.ErrorCode;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.impl.VertxHandler;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has Vert.x hand the heads that it refuses to somebody who answers in words, on one connection of
 * HTTP/1. To what the decoder cannot read it adds what it can, but what is refused further on with
 * an empty body, or taken though it must not be: a target that is no URI, or no path of ours, and a
 * call that does not say once for which host it is (RFC 9112 §3.2).
 */
final class HeadCheck extends ChannelInboundHandlerAdapter {

  static final String NAME = "head-check";

  /** There is one HTTP layer in a process; until it says so, Vert.x answers by itself. */
  private static volatile @Nullable Handler<HttpServerRequest> refusal;

  private boolean known;

  static void refuseBy(Handler<HttpServerRequest> handler) {
    refusal = handler;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest head) {
      known = known || isMadeKnown(context);
      Fault fault = known && head.decoderResult().isSuccess() ? fault(head) : null;
      if (fault != null) {
        head.setDecoderResult(DecoderResult.failure(fault));
      }
    }
    context.fireChannelRead(message);
  }

  /** Vert.x makes its connection at the latest for the first head. */
  private static boolean isMadeKnown(ChannelHandlerContext context) {
    Handler<HttpServerRequest> refusing = refusal;
    VertxHandler<?> handler = context.pipeline().get(VertxHandler.class);
    if (refusing != null
        && handler != null
        && handler.getConnection() instanceof HttpServerConnection connection) {
      connection.invalidRequestHandler(refusing);
      return true;
    }
    return false;
  }

  private static @Nullable Fault fault(HttpRequest head) {
    String target = head.uri();
    if (!target.startsWith("/") && !target.contains("://")) {
      return new Fault(ErrorCode.NOT_FOUND, "There is no resource but by a path");
    }
    try {
      URI unused = new URI(target);
    } catch (URISyntaxException e) {
      return new Fault(
          ErrorCode.BAD_REQUEST,
          "The target of the request is no URI: "
              + e.getReason()
              + " at character "
              + e.getIndex()
              + ", counted from 0");
    }
    List<String> hosts = head.headers().getAll(HttpHeaderNames.HOST);
    boolean wanted = head.protocolVersion().equals(HttpVersion.HTTP_1_1);
    if (hosts.size() > 1 || (wanted && hosts.isEmpty())) {
      return new Fault(
          ErrorCode.BAD_REQUEST,
          "A request has one header Host; this one has " + (hosts.isEmpty() ? "none" : "several"));
    }
    if (!hosts.isEmpty() && HostAndPort.parseAuthority(hosts.getFirst(), -1) == null) {
      return new Fault(
          ErrorCode.BAD_REQUEST, "The header Host is not a host, or a host and a port");
    }
    return null;
  }

  /** Why a head that could be read is refused. */
  static final class Fault extends Exception {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String detail;

    private Fault(ErrorCode code, String detail) {
      super(detail, null, false, false);
      this.code = code;
      this.detail = detail;
    }

    ErrorCode code() {
      return code;
    }

    String detail() {
      return detail;
    }
  }
}
