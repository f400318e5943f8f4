// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.Map;
import java.util.Optional;

/** Port: writes PeerAuthentications, each under the precondition that its intent names. */
public interface PolicyWriter {

  /** The field manager of this service's writes. */
  String FIELD_MANAGER = "mtls-migration";

  /** The annotation of created objects that carries the intent's marker. */
  String MARKER_ANNOTATION = "mtls-migration.io/intent";

  /**
   * Makes the write.
   *
   * @param adopt take over {@code spec.mtls.mode} from a person's field manager
   */
  WriteResult apply(WriteIntent intent, boolean adopt);

  /** Asks the API server to validate the write without storing it ({@code dryRun=All}). */
  WriteResult dryRun(WriteIntent intent, boolean adopt);

  /**
   * Reads the object from the API server, not from a cache.
   *
   * @throws PolicyReadException when the server does not answer
   */
  Optional<PeerAuthentication> read(ObjectRef ref);

  /**
   * Returns the versions of all PeerAuthentications of a namespace ({@link ObjectMeta#version}),
   * from the API server and not from a cache.
   *
   * @throws PolicyReadException when the server does not answer
   */
  Map<ObjectRef, String> versions(String namespace);

  /**
   * Returns the same of all namespaces, by one list.
   *
   * @throws PolicyReadException when the server does not answer
   */
  Map<ObjectRef, String> versions();

  /**
   * Returns the UID of the namespace that currently has this name, from the API server and not from
   * a cache; empty when there is none.
   *
   * @throws PolicyReadException when the server does not answer
   */
  String namespaceUid(String name);

  /** The API server did not answer a read. */
  final class PolicyReadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PolicyReadException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
