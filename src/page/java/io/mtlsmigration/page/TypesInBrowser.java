// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The page's sources hold to their types. esbuild only drops types; the compiler that checks them
 * is a script, and runs where a script engine is: in the browser, on files in its memory.
 */
final class TypesInBrowser {

  private static final Path SOURCES = Path.of("src/main/web");
  private static final String WEBJARS = "META-INF/resources/webjars/";

  @Test
  void findNothingWrong() throws Exception {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(SOURCES)) {
      all.filter(path -> path.toString().matches(".*\\.tsx?"))
          .forEach(path -> files.put("/" + SOURCES.relativize(path), read(path)));
    }
    collect("preact", "/node_modules/preact/", files);
    collect("uplot", "/node_modules/uplot/", files);
    collect("dagre-d3-es", "/node_modules/dagre-d3-es/", files);
    collect("typescript", "/node_modules/typescript/", files);
    String compiler =
        Objects.requireNonNull(files.remove("/node_modules/typescript/lib/typescript.js"));
    files.keySet().removeIf(name -> !name.matches(".*(\\.tsx?|\\.mts|package\\.json)"));

    try (Chromium chromium = Chromium.start()) {
      Page page = chromium.open();
      page.addScriptTag(new Page.AddScriptTagOptions().setContent(compiler));
      Object found =
          page.evaluate(
              CHECK,
              Map.of("files", files, "config", Files.readString(SOURCES.resolve("tsconfig.json"))));
      assertEquals(List.of(), found);
    }
  }

  private static final String CHECK =
      """
      ({ files, config }) => {
        const parsed = ts.parseConfigFileTextToJson('/tsconfig.json', config).config.compilerOptions;
        const { options } = ts.convertCompilerOptionsFromJson(parsed, '/');
        const folders = new Set();
        for (const name of Object.keys(files)) {
          for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
            folders.add(name.slice(0, at));
          }
        }
        const sources = new Map();
        const host = {
          getSourceFile(name, version) {
            if (!sources.has(name) && files[name] !== undefined) {
              sources.set(name, ts.createSourceFile(name, files[name], version, true));
            }
            return sources.get(name);
          },
          getDefaultLibFileName: (o) => '/node_modules/typescript/lib/' + ts.getDefaultLibFileName(o),
          getDefaultLibLocation: () => '/node_modules/typescript/lib',
          writeFile() {},
          getCurrentDirectory: () => '/',
          getCanonicalFileName: (name) => name,
          useCaseSensitiveFileNames: () => true,
          getNewLine: () => '\\n',
          fileExists: (name) => files[name] !== undefined,
          readFile: (name) => files[name],
          directoryExists: (name) => folders.has(name.replace(/\\/$/, '')),
          getDirectories: () => [],
        };
        const roots = Object.keys(files).filter((name) => name.startsWith('/app/'));
        const program = ts.createProgram(roots, options, host);
        const checked = program.getSourceFiles().filter((file) => roots.includes(file.fileName));
        if (checked.length < 20) {
          return ['only ' + checked.length + ' sources were checked'];
        }
        return ts.getPreEmitDiagnostics(program).map((found) => {
          const text = ts.flattenDiagnosticMessageText(found.messageText, ' ');
          if (!found.file) {
            return text;
          }
          const { line } = found.file.getLineAndCharacterOfPosition(found.start);
          return found.file.fileName + ':' + (line + 1) + ' ' + text;
        });
      }
      """;

  /** Files of a WebJar, by the paths that they have in node_modules. */
  private static void collect(String library, String folder, Map<String, String> files)
      throws Exception {
    URL found =
        Objects.requireNonNull(
            TypesInBrowser.class.getClassLoader().getResource(WEBJARS + library), library);
    try (FileSystem jar =
            FileSystems.newFileSystem(
                URI.create(found.toString().replaceAll("!.*", "")), Map.of());
        Stream<Path> versions = Files.list(jar.getPath(WEBJARS + library))) {
      Path root = versions.findFirst().orElseThrow();
      try (Stream<Path> all = Files.walk(root)) {
        all.filter(Files::isRegularFile)
            .filter(
                path ->
                    path.toString()
                        .matches(".*(\\.d\\.ts|\\.d\\.mts|package\\.json|/lib/typescript\\.js)"))
            .forEach(path -> files.put(folder + root.relativize(path), read(path)));
      }
    }
  }

  private static String read(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
