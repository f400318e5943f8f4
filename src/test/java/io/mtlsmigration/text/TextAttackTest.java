// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.testing.Seeds;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What names, comments and answers may do to where they are shown: nothing. */
final class TextAttackTest {

  static Stream<Arguments> lines() {
    return Stream.of(
        argumentSet("colours", "a\u001b[31mred", "a\uFFFD[31mred"),
        argumentSet("C1 control sequence", "a\u009b31mred", "a\uFFFD31mred"),
        argumentSet("a line of its own", "a\r\n::set-output name=x::y", "a ::set-output name=x::y"),
        argumentSet(
            "a command of GitHub", "::set-output name=x::y", "\uFFFD::set-output name=x::y"),
        argumentSet("an indented one", "  ::error::x", "  \uFFFD::error::x"),
        argumentSet("an older one", "a ##[group]x", "a #\uFFFD#[group]x"),
        argumentSet("one of Azure", "##vso[task.setvariable]x", "#\uFFFD#vso[task.setvariable]x"),
        argumentSet("turned around", "a\u202egpj.exe\u2066", "a\uFFFDgpj.exe\uFFFD"),
        argumentSet("next line, line and paragraph ends", "a\u0085b\u2028c\u2029d", "a b c d"),
        argumentSet("half a character", "a\ud800b", "a\uFFFDb"),
        argumentSet("no width", "ad\u200bmin", "ad\uFFFDmin"),
        argumentSet("an address", "to fd00::1: OK", "to fd00::1: OK"),
        argumentSet("words", "größer → 日本 «é» 😀", "größer → 日本 «é» 😀"),
        argumentSet("an indented line", "  first: a", "  first: a"));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void aLineIsALineAndNoCommand(String text, String line) {
    assertEquals(line, TerminalText.line(text));
  }

  static Stream<Arguments> paragraphs() {
    return Stream.of(
        argumentSet("a mention", "cc @ann and @org/team", "cc @\u200Bann and @\u200Borg/team"),
        argumentSet("an address of mail", "ann@corp.example", "ann@\u200Bcorp.example"),
        argumentSet("a bare link", "see https://evil.example", "see https:\u200B//evil.example"),
        argumentSet("a link without scheme", "WWW.evil.example", "WWW\u200B.evil.example"),
        argumentSet("an issue", "closes #12, !7", "closes \\#\u200B12, \\!\u200B7"),
        argumentSet("an issue by name", "GH-12, gh-7", "GH-\u200B12, gh-\u200B7"),
        argumentSet("no issue", "HIGH-12 GH-a", "HIGH-12 GH-a"),
        argumentSet(
            "names of pods and digests, which people copy",
            "web-7c9d8f6b5-z 0123456789ab",
            "web-7c9d8f6b5-z 0123456789ab"),
        argumentSet("a heading", "a\n# Owned | x", "a \\# Owned \\| x"),
        argumentSet("HTML by name", "&lt;b", "\\&\u200Blt;b"),
        argumentSet("struck", "~~gone~~", "\\~\\~\u200Bgone\\~\\~"),
        argumentSet("turned around", "a\u202eb", "a\uFFFDb"));
  }

  @ParameterizedTest
  @MethodSource("paragraphs")
  void aTextIsNoStructureAndCallsNobody(String text, String markdown) {
    assertEquals(markdown, MarkdownText.of(text));
  }

  @Test
  void endsEachLine() {
    assertEquals("a\nb c\n", TerminalText.of(List.of("a", "b\nc")));
  }

  @Test
  void showsNothingThatIsNoCharacter() {
    Seeds.each(
        2_000,
        draw -> {
          String line = TerminalText.line(draw.units(60));

          assertTrue(
              line.codePoints()
                  .allMatch(
                      c -> c == 0xFFFD || (!TerminalText.isHidden(c) && c != '\n' && c != '\r')),
              line);
          assertTrue(!line.strip().startsWith("::") && !line.contains("##"), line);
        });
  }
}
