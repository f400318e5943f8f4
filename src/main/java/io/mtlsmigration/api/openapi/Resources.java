package io.mtlsmigration.api.openapi;

import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Files beside the classes, as the build sees them. */
final class Resources {

  private Resources() {}

  static @Nullable InputStream open(String path) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    return loader == null ? null : loader.getResourceAsStream(path);
  }
}
