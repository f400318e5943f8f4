// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.hook.NoticeFormat;
import io.mtlsmigration.hook.NoticeReceiver;
import io.mtlsmigration.notice.DigestTimes;
import io.mtlsmigration.notice.NoticeFilter;
import io.mtlsmigration.notice.NoticeKind;
import io.mtlsmigration.notice.NoticeSeverity;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NoticeReceiversTest {

  private static final String OPS = "mtls-migration.notices.ops.";

  @TempDir Path folder;

  private static List<NoticeReceiver> receivers(Map<String, String> keys) {
    SmallRyeConfig config = Configured.config(keys);
    return NoticeReceivers.of(config.getConfigMapping(Settings.class).notices(), config);
  }

  private static Map<String, String> slack(String... further) {
    Map<String, String> keys = new TreeMap<>();
    keys.put(OPS + "format", "SLACK");
    keys.put(OPS + "url", "https://hooks.example/s3cret");
    for (int i = 0; i < further.length; i += 2) {
      if (further[i + 1].isEmpty()) {
        keys.remove(OPS + further[i]);
      } else {
        keys.put(OPS + further[i], further[i + 1]);
      }
    }
    return keys;
  }

  private static String refusal(Map<String, String> keys) {
    return String.valueOf(
        assertThrows(ConfigurationException.class, () -> receivers(keys)).getMessage());
  }

  @Test
  void areNoneByDefault() {
    assertEquals(List.of(), receivers(Map.of()));
  }

  @Test
  void takeEverythingAtOnceUnlessToldOtherwise() {
    NoticeReceiver receiver = receivers(slack()).getFirst();

    assertEquals("ops", receiver.name());
    assertEquals(NoticeFormat.SLACK, receiver.format());
    assertEquals(
        new NoticeFilter(Set.of(), Set.of(), NoticeSeverity.INFO, Set.of()), receiver.filter());
    assertNull(receiver.digest());
    assertEquals(Duration.ofDays(3), receiver.keepTrying());
    assertEquals(Map.of(), receiver.credentials().get());
  }

  @Test
  void areReadInAllTheirParts() {
    NoticeReceiver receiver =
        receivers(
                slack(
                    "plans", "q4,q5",
                    "owners", "team-a",
                    "severity", "warning",
                    "kinds", "HELD,rolled-back",
                    "digest", "09:00, 16:30",
                    "zone", "Europe/Berlin",
                    "token", "s3cret",
                    "headers.X-Team", "platform",
                    "keep-trying", "7d"))
            .getFirst();

    assertEquals(
        new NoticeFilter(
            Set.of("q4", "q5"),
            Set.of("team-a"),
            NoticeSeverity.WARNING,
            Set.of(NoticeKind.HELD, NoticeKind.ROLLED_BACK)),
        receiver.filter());
    assertEquals(
        new DigestTimes(
            List.of(LocalTime.of(9, 0), LocalTime.of(16, 30)), ZoneId.of("Europe/Berlin")),
        receiver.digest());
    assertEquals(
        Map.of("Authorization", "Bearer s3cret", "X-Team", "platform"),
        receiver.credentials().get());
    assertEquals(Duration.ofDays(7), receiver.keepTrying());
  }

  @ParameterizedTest
  @CsvSource({
    "url, '', 'ops.url: set either url or url-file'",
    "url, ftp://hooks.example/s3cret, 'ops.url: expected https://HOST/PATH'",
    "url, https://s3cret@hooks.example/, 'ops.url: expected https://HOST/PATH'",
    "url, s3cret, 'ops.url: expected https://HOST/PATH'",
    "url-file, /no/such/file, 'ops.url: set either url or url-file'",
    "digest, noon, 'ops.digest: expected times of day such as 09:00,16:30, got ''[noon]'''",
    "url, 'https://hooks.example/s3cret|', 'ops.url: expected https://HOST/PATH'",
    "url, https://hooks.example:65536/s3cret, 'ops.url: expected https://HOST/PATH'",
    "keep-trying, 23h, 'ops.keep-trying: expected 24h or more, or no key for 3d'",
    "token, 's3cret\u0001', 'ops.token: cannot be sent as header Authorization'",
    "headers.X-Team, 's3cret\u0001', 'ops.headers: cannot be sent as header X-Team'"
  })
  void aWrongValueIsRefusedByItsKey(String key, String value, String refusal) {
    String told = refusal(slack(key, value));

    assertEquals("mtls-migration.notices." + refusal, told);
    assertFalse(told.contains("s3cret"), told);
  }

  /** Such as a template whose variable is not set: it must not tell everything to everybody. */
  @ParameterizedTest
  @CsvSource({"plans, ''", "owners, ''", "owners, ' '", "owners, ','", "kinds, ''"})
  void aFilterThatIsEmptyIsRefused(String key, String value) {
    Map<String, String> keys = slack();
    keys.put(OPS + key, value);

    assertEquals(OPS + key + ": is empty; name some, or remove the key to take all", refusal(keys));
  }

  @Test
  void aFilterThatIsAnEmptyVariableIsRefused() {
    Map<String, String> variables =
        Map.of(
            "MTLS_MIGRATION_NOTICES_ONCALL_FORMAT", "SLACK",
            "MTLS_MIGRATION_NOTICES_ONCALL_URL", "https://hooks.example/s3cret",
            "MTLS_MIGRATION_NOTICES_ONCALL_OWNERS", "");
    SmallRyeConfig config =
        new SmallRyeConfigBuilder()
            .withMapping(Settings.class)
            .withSources(new EnvConfigSource(variables, 300))
            .addDiscoveredConverters()
            .build();
    Map<String, Settings.NoticeSettings> settings =
        config.getConfigMapping(Settings.class).notices();

    ConfigurationException refusal =
        assertThrows(ConfigurationException.class, () -> NoticeReceivers.of(settings, config));

    assertTrue(String.valueOf(refusal.getMessage()).contains("oncall.owners: is empty"));
  }

  @Test
  void digestsAreForPeopleAndTakeTime() {
    assertTrue(
        refusal(slack("digest", "09:00", "format", "CLOUDEVENTS")).contains("ops.digest: is for"));
    assertTrue(
        refusal(slack("digest", "09:00", "keep-trying", "1d"))
            .contains("ops.keep-trying: expected 48h"));
    assertTrue(
        refusal(slack("digest", "09:00", "zone", "Middle/Earth")).contains("ops.zone: expected"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a/b", "ümlaut", "x{y}"})
  void aNameIsOneOfAKeyInAConfigMap(String name) {
    assertTrue(
        refusal(
                Map.of(
                    "mtls-migration.notices.\"" + name + "\".format", "SLACK",
                    "mtls-migration.notices.\"" + name + "\".url", "https://a.example/"))
            .contains("a name has letters"));
  }

  @Test
  void areNotMoreThanTheirCursorsHaveRoomFor() {
    Map<String, String> keys = new TreeMap<>();
    IntStream.range(0, 17)
        .forEach(
            i -> {
              keys.put("mtls-migration.notices.n" + i + ".format", "SLACK");
              keys.put("mtls-migration.notices.n" + i + ".url", "https://a.example/");
            });

    assertEquals("mtls-migration.notices: at most 16 receivers, not 17", refusal(keys));
  }

  @Test
  void aUrlInAFileMayChangeAndIsNeverShown() throws IOException {
    Path file = Files.writeString(folder.resolve("url"), "https://hooks.example/one\n");
    NoticeReceiver receiver = receivers(slack("url", "", "url-file", file.toString())).getFirst();
    URI first = receiver.url().get();

    Files.writeString(file, "https://hooks.example/two");
    URI second = receiver.url().get();
    Files.writeString(file, "https://s3cret.example:70000/");
    assertThrows(UncheckedIOException.class, () -> receiver.url().get());
    Files.writeString(file, "s3cret and no URL");
    UncheckedIOException broken =
        assertThrows(UncheckedIOException.class, () -> receiver.url().get());

    assertEquals(URI.create("https://hooks.example/one"), first);
    assertEquals(URI.create("https://hooks.example/two"), second);
    assertFalse(broken.toString().contains("s3cret"), broken.toString());
    assertTrue(broken.getMessage().contains(OPS + "url-file"), broken.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ftp://mesh.example", "https://mesh.example/?a=b", "https://mesh.example/#/x"})
  void thePageIsAPlainAddress(String url) {
    assertTrue(
        String.valueOf(
                assertThrows(
                        ConfigurationException.class, () -> NoticeReceivers.links(URI.create(url)))
                    .getMessage())
            .startsWith("mtls-migration.public-url: expected https://HOST/PATH"));
  }
}
