// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import io.mtlsmigration.notice.DigestTimes;
import io.mtlsmigration.notice.NoticeFilter;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who is sent notices.
 *
 * @param name as configured
 * @param url requested for each call, because its file may change; its path is a secret
 * @param credentials headers that must not be shown, requested for each call. Both throw {@link
 *     java.io.UncheckedIOException} when they cannot be read
 * @param digest null = at once
 * @param keepTrying the age at which a notice is given up
 */
public record NoticeReceiver(
    String name,
    NoticeFormat format,
    Supplier<URI> url,
    Supplier<Map<String, String>> credentials,
    NoticeFilter filter,
    @Nullable DigestTimes digest,
    Duration keepTrying) {}
