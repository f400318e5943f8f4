// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.hook.NoticeFormat;
import io.mtlsmigration.hook.NoticeLinks;
import io.mtlsmigration.hook.NoticeReceiver;
import io.mtlsmigration.notice.DigestTimes;
import io.mtlsmigration.notice.NoticeFilter;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * The receivers of notices as configured. Nothing that is refused is printed: it may be a secret.
 */
final class NoticeReceivers {

  private static final String KEYS = "mtls-migration.notices.";

  /** What a receiver was told of days, such as the last one of an exception, is not told again. */
  private static final Duration LEAST = Duration.ofDays(1);

  private static final int HIGHEST_PORT = 65_535;

  /** A digest may be a day old when it goes out, and needs time to get through. */
  private static final Duration LEAST_WITH_DIGEST = Duration.ofDays(2);

  private static final int LONGEST_NAME = 40;

  private NoticeReceivers() {}

  /**
   * Returns the receivers in the order of their names.
   *
   * @param config what the settings were read from: they do not tell an empty key from none
   * @throws ConfigurationException naming the wrong key
   */
  static List<NoticeReceiver> of(Map<String, Settings.NoticeSettings> settings, Config config) {
    if (settings.size() > Metric.RECEIVERS) {
      throw new ConfigurationException(
          "mtls-migration.notices: at most %s receivers, not %s"
              .formatted(Metric.RECEIVERS, settings.size()));
    }
    return new TreeMap<>(settings)
        .entrySet().stream().map(e -> receiver(e.getKey(), e.getValue(), config)).toList();
  }

  /** Returns the links of notices. */
  static NoticeLinks links(@Nullable URI page) {
    if (page != null && (!isHttp(page) || page.getRawQuery() != null || fragment(page))) {
      throw new ConfigurationException(
          "mtls-migration.public-url: expected https://HOST/PATH without query, got '"
              + page
              + "'");
    }
    return new NoticeLinks(page);
  }

  private static boolean fragment(URI page) {
    return page.getRawFragment() != null || page.getRawUserInfo() != null;
  }

  private static NoticeReceiver receiver(
      String name, Settings.NoticeSettings settings, Config config) {
    if (name.length() > LONGEST_NAME
        || !name.chars().allMatch(c -> c == '-' || c == '_' || Character.isLetterOrDigit(c))
        || !name.chars().allMatch(c -> c < 0x80)) {
      throw new ConfigurationException(
          KEYS + name + ": a name has letters, digits, - and _, at most " + LONGEST_NAME);
    }
    String key = name + ".";
    for (String filter : List.of("plans", "owners", "kinds")) {
      String value = config.getConfigValue(KEYS + key + filter).getValue();
      if (value != null && value.chars().allMatch(c -> c == ',' || Character.isWhitespace(c))) {
        throw wrong(key + filter, "is empty; name some, or remove the key to take all");
      }
    }
    DigestTimes digest = digest(key, settings);
    if (digest != null && settings.format() == NoticeFormat.CLOUDEVENTS) {
      throw wrong(key + "digest", "is for SLACK and TEAMS; an event is sent at once");
    }
    Duration least = digest == null ? LEAST : LEAST_WITH_DIGEST;
    if (settings.keepTrying().compareTo(least) < 0) {
      throw wrong(
          key + "keep-trying", "expected " + least.toHours() + "h or more, or no key for 3d");
    }
    return new NoticeReceiver(
        name,
        settings.format(),
        url(key, settings),
        credentials(key, settings),
        new NoticeFilter(
            settings.plans().orElse(Set.of()),
            settings.owners().orElse(Set.of()),
            settings.severity(),
            settings.kinds().orElse(Set.of())),
        digest,
        settings.keepTrying());
  }

  private static @Nullable DigestTimes digest(String key, Settings.NoticeSettings settings) {
    List<String> times = settings.digest().orElse(List.of());
    if (times.isEmpty()) {
      return null;
    }
    ZoneId zone;
    try {
      zone = ZoneId.of(settings.zone());
    } catch (DateTimeException e) {
      throw wrong(
          key + "zone",
          "expected a time zone such as Europe/Berlin, got '" + settings.zone() + "'");
    }
    try {
      return new DigestTimes(
          times.stream().map(text -> LocalTime.parse(text.strip())).toList(), zone);
    } catch (DateTimeException e) {
      throw wrong(key + "digest", "expected times of day such as 09:00,16:30, got '" + times + "'");
    }
  }

  private static Supplier<URI> url(String key, Settings.NoticeSettings settings) {
    if (settings.url().isPresent() == settings.urlFile().isPresent()) {
      throw wrong(key + "url", "set either url or url-file");
    }
    if (settings.url().isPresent()) {
      URI url =
          parsed(settings.url().get())
              .orElseThrow(() -> wrong(key + "url", "expected https://HOST/PATH"));
      return () -> url;
    }
    Path file = settings.urlFile().orElseThrow();
    if (!Files.isReadable(file)) {
      throw wrong(key + "url-file", "cannot be read: " + file);
    }
    return () -> read(KEYS + key + "url-file", file);
  }

  private static URI read(String key, Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      text = "";
    }
    return parsed(text)
        .orElseThrow(
            () ->
                new UncheckedIOException(
                    new IOException(key + ": no URL such as https://HOST/PATH")));
  }

  /** Returns a URL that can be called; empty for anything else, for an error would show it. */
  private static Optional<URI> parsed(String text) {
    try {
      return Optional.of(new URI(text.strip())).filter(NoticeReceivers::callable);
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static boolean callable(URI url) {
    return isHttp(url) && url.getRawUserInfo() == null && url.getPort() <= HIGHEST_PORT;
  }

  private static boolean isHttp(URI url) {
    return ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
        && url.getHost() != null;
  }

  private static Supplier<Map<String, String>> credentials(
      String key, Settings.NoticeSettings settings) {
    settings
        .headers()
        .forEach((header, value) -> WebHooks.sendable(KEYS + key + "headers", header, value));
    Supplier<String> authorization =
        WebHooks.authorization(KEYS + key, settings.token(), settings.tokenFile());
    return () -> {
      Map<String, String> all = new HashMap<>(settings.headers());
      if (authorization != null) {
        all.put("Authorization", authorization.get());
      }
      return all;
    };
  }

  private static ConfigurationException wrong(String key, String what) {
    return new ConfigurationException(KEYS + key + ": " + what);
  }
}
