// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A body that is read up to a number of bytes: what clients call themselves makes it longer. */
final class LimitedBody implements BodySubscriber<byte[]> {

  /** Thrown when a body is longer. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException(String message) {
      super(message);
    }
  }

  private final BodySubscriber<byte[]> all = BodySubscribers.ofByteArray();
  private final long limit;
  private long seen;
  private Flow.@Nullable Subscription subscription;

  LimitedBody(long limit) {
    this.limit = limit;
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return all.getBody();
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    all.onSubscribe(subscription);
  }

  @Override
  public void onNext(List<ByteBuffer> part) {
    if (seen > limit) {
      return; // what was on its way
    }
    part.forEach(buffer -> seen += buffer.remaining());
    if (seen <= limit) {
      all.onNext(part);
      return;
    }
    if (subscription != null) {
      subscription.cancel();
    }
    all.onError(new TooLargeException("more than %d MB".formatted(limit >> 20)));
  }

  @Override
  public void onError(Throwable error) {
    if (seen <= limit) {
      all.onError(error);
    }
  }

  @Override
  public void onComplete() {
    if (seen <= limit) {
      all.onComplete();
    }
  }
}
