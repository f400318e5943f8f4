// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import io.mtlsmigration.kubernetes.ClusterLocation;
import io.mtlsmigration.kubernetes.ConnectionOptions;
import io.mtlsmigration.kubernetes.forward.ForwardedService;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The address of the service, and the caller's credentials.
 *
 * @param base without a slash at its end
 * @param token of the caller; null for none
 * @param trust null for Java's default
 * @param way has to be closed, and may know why there is no answer
 * @param description for people; contains no secret
 */
record Endpoint(
    String base, @Nullable String token, @Nullable SSLContext trust, Way way, String description) {

  /** The connection to the service. */
  interface Way extends AutoCloseable {
    /** A direct network connection. */
    Way DIRECT = () -> {};

    /** Returns why nothing comes through; empty when unknown. */
    default String problem() {
      return "";
    }

    @Override
    void close();
  }

  /** The options and variables that define an endpoint. */
  record Source(
      Function<String, Optional<String>> options,
      ClientEnvironment environment,
      Duration timeout,
      String version) {

    private Optional<String> either(String option, String variable) {
      return options.apply(option).or(() -> environment.variable(variable));
    }
  }

  /**
   * Opens the endpoint of {@code --server} or its variable; else one through the kubeconfig's
   * cluster.
   *
   * @throws UsageException naming the option that is wrong or missing
   * @throws IOException when the cluster does not lead to the service
   */
  static Endpoint open(Source source) throws IOException {
    Optional<String> named = source.options().apply("--server");
    boolean cluster =
        source.options().apply("--kubeconfig").isPresent()
            || source.options().apply("--context").isPresent();
    if (named.isPresent() && cluster) {
      throw new UsageException("--server excludes --kubeconfig and --context");
    }
    Optional<String> server =
        cluster ? Optional.empty() : source.either("--server", "MTLS_MIGRATION_URL");
    return server.isPresent() ? direct(server.get(), source) : forwarded(source);
  }

  private static Endpoint direct(String server, Source source) {
    URI uri = address(server);
    String token = token(source);
    if (token != null && uri.getScheme().equals("http") && !isLoopback(uri.getHost())) {
      if (source.options().apply("--allow-plain-http").filter(Boolean::parseBoolean).isEmpty()) {
        throw new UsageException(
            "a token would be sent to "
                + uri
                + " in plaintext: use https, or --allow-plain-http within a network that you"
                + " trust");
      }
    }
    SSLContext trust = source.options().apply("--ca-file").map(Endpoint::trusting).orElse(null);
    return new Endpoint(
        uri.toString().replaceAll("/+$", ""), token, trust, Way.DIRECT, uri.toString());
  }

  /** Parses the address. Errors do not print it, since it may contain a password. */
  private static URI address(String server) {
    try {
      URI uri = new URI(server);
      boolean plain =
          uri.getHost() != null
              && uri.getUserInfo() == null
              && uri.getQuery() == null
              && uri.getFragment() == null;
      if (plain && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Reported below.
    }
    throw new UsageException(
        "--server (or $MTLS_MIGRATION_URL) has to be https://HOST[:PORT][/PATH], or http for"
            + " loopback, without a user, a query or a fragment");
  }

  /** Returns whether the host is loopback by its name alone, without resolving it. */
  private static boolean isLoopback(String host) {
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    boolean literal = bare.contains(":") || bare.chars().allMatch(c -> c == '.' || isDigit(c));
    try {
      return bare.equals("localhost")
          || (literal && InetAddress.getByName(bare).isLoopbackAddress());
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static Endpoint forwarded(Source source) throws IOException {
    if (source.options().apply("--ca-file").isPresent()) {
      throw new UsageException("--ca-file is for --server; a kubeconfig names its own");
    }
    String file = source.options().apply("--kubeconfig").orElse("");
    if (!file.isEmpty() && !Files.exists(Path.of(file))) {
      throw new UsageException("there is no kubeconfig at " + file);
    }
    ClusterLocation location =
        new ClusterLocation.Kubeconfig(
            file.isEmpty() ? source.environment().kubeconfig() : java.util.List.of(Path.of(file)),
            source.options().apply("--context").orElse(null));
    ForwardedService service =
        ForwardedService.open(
            new ConnectionOptions(
                location,
                source.options().apply("--service-namespace").orElse(null),
                source.timeout(),
                source.timeout(),
                source.version()),
            System::nanoTime);
    String own = token(source);
    return new Endpoint(
        service.address().toString(),
        own == null ? service.token().map(Endpoint::checked).orElse(null) : own,
        null,
        new Way() {
          @Override
          public String problem() {
            return service.problem();
          }

          @Override
          public void close() {
            service.close();
          }
        },
        service.description());
  }

  private static @Nullable String token(Source source) {
    Optional<String> given = source.options().apply("--token");
    Optional<String> file = source.either("--token-file", "MTLS_MIGRATION_TOKEN_FILE");
    if (given.isPresent()) {
      return checked(given.get());
    }
    if (source.options().apply("--token-file").isPresent()) {
      return file.map(Endpoint::read).orElse(null);
    }
    return source
        .environment()
        .variable("MTLS_MIGRATION_TOKEN")
        .map(Endpoint::checked)
        .or(() -> file.map(Endpoint::read))
        .orElse(null);
  }

  private static String read(String file) {
    try {
      return checked(Files.readString(Path.of(file)));
    } catch (IOException e) {
      throw new UsageException("the file of the token cannot be read: " + file);
    }
  }

  /** Checks the token's syntax (RFC 6750, b64token); a server would echo a malformed one. */
  private static String checked(String token) {
    String bare = token.strip();
    boolean taken =
        !bare.isEmpty()
            && bare.chars()
                .allMatch(
                    c -> c < 128 && (Character.isLetterOrDigit(c) || "-._~+/=".indexOf(c) >= 0));
    if (!taken) {
      throw new UsageException("the token is none: it may have letters, digits and -._~+/= alone");
    }
    return bare;
  }

  private static SSLContext trusting(String file) {
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry(Integer.toString(store.size()), certificate);
      }
      if (store.size() == 0) {
        throw new UsageException("--ca-file has no certificate in it: " + file);
      }
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new UsageException("--ca-file cannot be read as certificates in PEM: " + file);
    }
  }
}
