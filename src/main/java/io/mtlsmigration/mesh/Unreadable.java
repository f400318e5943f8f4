package io.mtlsmigration.mesh;

/**
 * An object that exists but could not be read: an unknown enum value, a wrong type, a forbidden
 * field. It is never ignored: whatever it may govern is unknown, and that blocks (hazard 29).
 *
 * @param field the JSON pointer of what is wrong
 */
public record Unreadable(ObjectRef ref, String field, String reason) {}
