/** Steps by the names that the API gives them: `mesh` is the mesh step, and a namespace of that name has a prefix. */

const PREFIX = "namespace:";

export function stepName(namespace: string): string {
  return namespace === "mesh" ? `${PREFIX}${namespace}` : namespace;
}

export function namespaceOf(step: string): string {
  return step.startsWith(PREFIX) ? step.slice(PREFIX.length) : step;
}
