import { segment } from "../api/client";
import { useList } from "../api/store";
import type { Namespace, Workload } from "../api/types";

/** Labels of pods that selectors may name, `key=value`; none until a namespace is named that there is. */
export function usePodLabels(namespace: string): readonly string[] {
  const { data: namespaces } = useList<Namespace>("/namespaces", 30_000);
  const known = namespaces?.some(({ name }) => name === namespace) ?? false;
  const { data: workloads } = useList<Workload>(known ? `/namespaces/${segment(namespace)}/workloads` : null, 60_000);
  return [...new Set((workloads ?? []).flatMap(({ labels }) => Object.entries(labels).map(([key, value]) => `${key}=${value}`)))].sort();
}
