import { useMemo } from "preact/hooks";
import { useList } from "../api/store";
import type { Finding } from "../api/types";
import { filter, type Route } from "../router";
import { count } from "../ui/format";
import { Choice, Empty, Panel, Search, Skeleton, Trouble } from "../ui/parts";
import { Tally } from "../ui/table";
import { SEVERITY_ORDER, severityWord, spaced } from "../ui/words";
import { FindingCards } from "./namespace";

/** What is known to break people, in the whole mesh. */
export function FindingsView({ route }: { route: Route }) {
  const { q = "", severity = "", code = "" } = route.query;
  const { data, error, complete } = useList<Finding>("/findings", 10_000);
  const text = q.trim().toLowerCase();
  const others = useMemo(
    () => (data ?? []).filter((one) => (!severity || one.severity === severity) && (!text || `${one.namespace} ${one.subject.namespace}/${one.subject.name} ${one.message}`.toLowerCase().includes(text))),
    [data, severity, text],
  );
  const codes = useMemo(() => {
    const known = new Map<string, number>();
    others.forEach((one) => known.set(one.code, (known.get(one.code) ?? 0) + 1));
    return [...known].sort(([a, x], [b, y]) => y - x || a.localeCompare(b));
  }, [others]);
  const rows = code ? others.filter((one) => one.code === code) : others;
  return (
    <>
      <h1 class="hidden">Findings</h1>
      <Panel title="Findings" aside={data && <Tally shown={rows.length} all={data.length} complete={complete} one="finding" />}>
        <div class="filters">
          <Search label="Namespace, object or text" value={q} onValue={(value) => filter({ q: value })} />
          <Choice label="Severity" value={severity} onValue={(value) => filter({ severity: value })} options={[{ value: "", text: "any" }, ...SEVERITY_ORDER.map((value) => ({ value, text: severityWord(value).text }))]} />
          <Choice
            label="Kind"
            value={code}
            onValue={(value) => filter({ code: value })}
            options={[{ value: "", text: "any" }, ...codes.map(([value, number]) => ({ value, text: `${spaced(value)} (${count(number)})` })), ...(code && !codes.some(([value]) => value === code) ? [{ value: code, text: spaced(code) }] : [])]}
          />
        </div>
        <Trouble error={error} />
        {!data && !error && <Skeleton lines={8} />}
        {data && rows.length === 0 && <Empty icon={data.length === 0 ? "check" : "search"} title={data.length === 0 ? "No hazard is known in this mesh" : "No finding is like that"} />}
        <FindingCards findings={rows} />
      </Panel>
    </>
  );
}
