// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.access.AuditEntry;
import io.mtlsmigration.access.AuditLog;
import io.mtlsmigration.api.view.AuditView;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The permanent audit record: each entry is a line of the log {@code audit}, consisting of the
 * entry as JSON only. The cluster decides where the lines go and how long they are kept.
 */
final class AuditLines implements Consumer<AuditEntry> {

  private static final Logger AUDIT = Logger.getLogger("audit");

  private final ObjectMapper mapper;

  private AuditLines(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  @Produces
  @Singleton
  static AuditLog log(Clock clock, ObjectMapper mapper) {
    return new AuditLog(clock, new AuditLines(mapper));
  }

  @Override
  public void accept(AuditEntry entry) {
    try {
      AUDIT.info(mapper.writeValueAsString(AuditView.of(entry)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an entry of text and numbers can be written", e);
    }
  }
}
