// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.rollout.gates.IgnoredClients;
import io.mtlsmigration.rollout.loop.IntentWriter;
import io.mtlsmigration.rollout.loop.IntentWriter.Fate;
import io.mtlsmigration.traffic.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What became of a write, what the ledger remembers of it, and who may fail. */
class WriteRulesTest {

  private static final ObjectRef REF = ObjectRef.peerAuthentication("foo", "default");
  private static final Instant AT = Instant.parse("2026-06-01T09:00:00Z");
  private static final Spec STRICT = Spec.of(MtlsMode.STRICT);
  private static final Spec PERMISSIVE = Spec.of(MtlsMode.PERMISSIVE);

  private static WriteIntent create() {
    return create("mark");
  }

  private static WriteIntent create(String marker) {
    return new WriteIntent(change(null, STRICT), marker, "", "", 1, AT);
  }

  private static WriteIntent patch() {
    return new WriteIntent(change(PERMISSIVE, STRICT), "mark", "uid", "7", 1, AT);
  }

  private static WriteIntent delete() {
    return new WriteIntent(change(STRICT, null), "mark", "uid", "7", 1, AT);
  }

  private static PolicyChange change(Spec before, Spec after) {
    return new PolicyChange(REF, before, after, Purpose.LOCK, false, "");
  }

  private static Optional<PeerAuthentication> live(
      String uid, String version, String marker, String manager, Spec spec) {
    return Optional.of(
        new PeerAuthentication(
            new ObjectMeta(
                REF,
                uid,
                version,
                AT,
                Map.of(),
                marker.isEmpty() ? Map.of() : Map.of(PolicyWriter.MARKER_ANNOTATION, marker),
                List.of(new ObjectMeta.FieldOwner(manager, true, true))),
            spec));
  }

  private static final String OURS = PolicyWriter.FIELD_MANAGER;

  static Stream<Arguments> fates() {
    Optional<PeerAuthentication> absent = Optional.empty();
    return Stream.of(
        argumentSet("a create that is not there", create(), absent, Fate.OPEN),
        argumentSet(
            "a create with our marker",
            create(),
            live("new", "9", "mark", OURS, STRICT),
            Fate.HAPPENED),
        argumentSet(
            "a create with our marker that somebody has changed since",
            create(),
            live("new", "11", "mark", "kubectl", PERMISSIVE),
            Fate.HAPPENED),
        argumentSet(
            "a create by an earlier attempt of the same step",
            create("plan:foo:2:9-1"),
            live("new", "9", "plan:foo:1:5-3", OURS, STRICT),
            Fate.HAPPENED),
        argumentSet(
            "a create by an earlier attempt at something else",
            create("plan:foo:2:9-1"),
            live("new", "9", "plan:foo:1:5-3", OURS, PERMISSIVE),
            Fate.IMPOSSIBLE),
        argumentSet(
            "a create by another step",
            create("plan:foo:2:9-1"),
            live("new", "9", "plan:bar:1:5-3", OURS, STRICT),
            Fate.IMPOSSIBLE),
        argumentSet(
            "a create where somebody else was first",
            create(),
            live("new", "9", "", "kubectl", STRICT),
            Fate.IMPOSSIBLE),
        argumentSet(
            "a patch not made", patch(), live("uid", "7", "", "kubectl", PERMISSIVE), Fate.OPEN),
        argumentSet("a patch made", patch(), live("uid", "8", "", OURS, STRICT), Fate.HAPPENED),
        argumentSet(
            "a patch that a person has made instead",
            patch(),
            live("uid", "8", "", "kubectl", STRICT),
            Fate.IMPOSSIBLE),
        argumentSet(
            "a patch that was overtaken",
            patch(),
            live("uid", "8", "", OURS, PERMISSIVE),
            Fate.UNCERTAIN),
        argumentSet(
            "a patch of an object made anew",
            patch(),
            live("other", "8", "", OURS, STRICT),
            Fate.UNCERTAIN),
        argumentSet("a patch of an object that is gone", patch(), absent, Fate.UNCERTAIN),
        argumentSet("a delete made", delete(), absent, Fate.HAPPENED),
        argumentSet("a delete not made", delete(), live("uid", "7", "", OURS, STRICT), Fate.OPEN),
        argumentSet(
            "a delete that was overtaken",
            delete(),
            live("uid", "8", "", OURS, STRICT),
            Fate.IMPOSSIBLE),
        argumentSet(
            "a delete of an object made anew",
            delete(),
            live("other", "9", "", "kubectl", STRICT),
            Fate.HAPPENED));
  }

  @ParameterizedTest
  @MethodSource("fates")
  void tellsWhatBecameOfAnIntent(
      WriteIntent intent, Optional<PeerAuthentication> live, Fate expected) {
    assertEquals(expected, IntentWriter.fate(intent, live));
  }

  private static LedgerEntry entry(
      ObjectRef ref, Spec before, Spec after, MtlsMode previous, Purpose purpose, String version) {
    return new LedgerEntry(ref, "uid", before, after, previous, Map.of(), purpose, version, AT);
  }

  @Test
  void keepsWhatWasThereBeforeTheFirstWrite() {
    List<LedgerEntry> first =
        List.of(entry(REF, null, STRICT, MtlsMode.PERMISSIVE, Purpose.LOCK, "8"));

    List<LedgerEntry> merged =
        WriteLedger.merge(
            first, entry(REF, STRICT, PERMISSIVE, MtlsMode.STRICT, Purpose.ROLLBACK, "9"), true);

    assertEquals(
        List.of(entry(REF, null, PERMISSIVE, MtlsMode.PERMISSIVE, Purpose.ROLLBACK, "9")), merged);
  }

  /** A backup restores objects under other UIDs, with their marks; a person makes another one. */
  @ParameterizedTest
  @CsvSource({
    "'',         STRICT,     true,  ''",
    "'',         STRICT,     false, STRICT",
    "'',         PERMISSIVE, true,  PERMISSIVE",
    "PERMISSIVE, STRICT,     false, PERMISSIVE", // what was not created has no mark
  })
  void keepsWhatWasThereBeforeAnObjectThatIsAsItWasWritten(
      String first, MtlsMode anew, boolean marked, String restored) {
    LedgerEntry written =
        new LedgerEntry(
            REF,
            "old",
            first.isEmpty() ? null : PERMISSIVE,
            STRICT,
            MtlsMode.UNSET,
            Map.of(),
            Purpose.LOCK,
            "8",
            AT);
    Spec found = anew == MtlsMode.STRICT ? STRICT : PERMISSIVE;

    List<LedgerEntry> merged =
        WriteLedger.merge(
            List.of(written),
            entry(REF, found, STRICT, MtlsMode.PERMISSIVE, Purpose.LOCK, "9"),
            marked);

    Spec before = merged.getFirst().before();
    assertEquals(restored, before == null ? "" : before.mode().name());
  }

  @Test
  void keepsObjectsInTheOrderOfTheirFirstWrites() {
    ObjectRef other = ObjectRef.peerAuthentication("foo", "httpbin");
    List<LedgerEntry> two =
        List.of(
            entry(other, null, PERMISSIVE, MtlsMode.PERMISSIVE, Purpose.EXCEPTION, "8"),
            entry(REF, null, STRICT, MtlsMode.PERMISSIVE, Purpose.LOCK, "9"));

    List<LedgerEntry> merged =
        WriteLedger.merge(
            two, entry(other, PERMISSIVE, STRICT, MtlsMode.STRICT, Purpose.EXCEPTION, "10"), true);

    assertEquals(List.of(other, REF), merged.stream().map(LedgerEntry::ref).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.9.0/24,    10.0.9.77,   true",
    "10.0.9.0/24,    10.0.8.77,   false",
    "10.0.9.7,       10.0.9.7,    true",
    "10.0.9.7,       10.0.9.8,    false",
    "0.0.0.0/0,      8.8.8.8,     true",
    "10.0.9.0/25,    10.0.9.128,  false",
    "fd00::/8,       fd12::1,     true",
    "fd00::/8,       fe80::1,     false",
    "10.0.9.0/24,    '',          false",
    "10.0.9.0/99,    10.0.9.1,    false",
    "10.0.9.0/24,    localhost,   false",
    "0.0.0.0/0,      ::1,         false",
  })
  void ignoresByAddressOnlyWhatIsAnAddress(String cidr, String address, boolean ignored) {
    IgnoredClients clients = new IgnoredClients(List.of(new PlanSpec.IgnoredClient(cidr, null)));
    assertEquals(ignored, clients.ignores(new Caller(null, address)));
  }
}
