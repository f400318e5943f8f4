package io.mtlsmigration.sandbox;

/** TLS that applications speak among themselves; the mesh knows nothing of its certificates. */
final class ApplicationTls {

  /** All applications share one: nobody checks, as with {@code curl --insecure}. */
  static final SpiffeId IDENTITY = new SpiffeId("application.invalid", "none", "none");

  private ApplicationTls() {}
}
