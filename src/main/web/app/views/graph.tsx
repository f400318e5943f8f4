import { layout } from "dagre-d3-es/src/dagre/index.js";
import { Graph as Ranks } from "dagre-d3-es/src/graphlib/index.js";
import { useMemo } from "preact/hooks";
import type { TrafficEdge } from "../api/types";
import { href } from "../router";
import { count, split } from "../ui/format";

interface Link {
  readonly from: string;
  readonly to: string;
  readonly clear: number;
  readonly secure: number;
}

/** Servers that are alike in who calls them, by mutual TLS alone: one box for all of them. */
interface Bundle {
  readonly client: string;
  readonly servers: readonly string[];
}

interface Picture {
  readonly bundles: ReadonlyMap<string, Bundle>;
  readonly links: readonly Link[];
  readonly byNamespace: boolean;
  /** Links that there was no room for. */
  readonly left: number;
}

const MOST_NODES = 40;
const HEIGHT = 38;
const CHARACTER = 7.6;
const SMALL = 6.2;

/**
 * What can be taken in at once: workloads while they are few, namespaces when they are many, and of these first those
 * with plaintext.
 */
export function picture(edges: readonly TrafficEdge[]): Picture {
  const nodes = new Set(edges.flatMap((edge) => [edge.from, edge.to]));
  const byNamespace = nodes.size > MOST_NODES;
  const links = new Map<string, Link>();
  for (const edge of edges) {
    const from = byNamespace ? split(edge.from).namespace || edge.from : edge.from;
    const to = byNamespace ? split(edge.to).namespace || edge.to : edge.to;
    const key = `${from} ${to}`;
    const known = links.get(key) ?? { from, to, clear: 0, secure: 0 };
    const calls = Math.max(edge.count, 1);
    links.set(
      key,
      edge.security === "PLAINTEXT" ? { ...known, clear: known.clear + calls } : { ...known, secure: known.secure + calls },
    );
  }
  const { kept, bundles } = bundled([...links.values()]);
  const sorted = kept.sort((a, b) => b.clear - a.clear || b.secure - a.secure);
  const shown: Link[] = [];
  const drawn = new Set<string>();
  for (const link of sorted) {
    const more = Number(!drawn.has(link.from)) + Number(!drawn.has(link.to));
    if (drawn.size + more <= MOST_NODES) {
      shown.push(link);
      drawn.add(link.from).add(link.to);
    }
  }
  shown.sort((a, b) => `${a.from} ${a.to}`.localeCompare(`${b.from} ${b.to}`));
  return { links: shown, bundles, byNamespace, left: sorted.length - shown.length };
}

const ALIKE = 4;

function bundled(links: readonly Link[]): { kept: Link[]; bundles: Map<string, Bundle> } {
  const clients = new Set(links.map((link) => link.from));
  const inbound = new Map<string, Link[]>();
  for (const link of links) {
    inbound.set(link.to, [...(inbound.get(link.to) ?? []), link]);
  }
  const quiet = new Map<string, string[]>();
  for (const [server, calls] of inbound) {
    const only = calls.length === 1 ? calls[0] : undefined;
    if (only && only.clear === 0 && !clients.has(server)) {
      quiet.set(only.from, [...(quiet.get(only.from) ?? []), server]);
    }
  }
  const bundles = new Map<string, Bundle>();
  const into = new Map<string, string>();
  for (const [client, servers] of quiet) {
    if (servers.length >= ALIKE) {
      const id = `*${client}`;
      bundles.set(id, { client, servers });
      servers.forEach((server) => into.set(server, id));
    }
  }
  const kept = new Map<string, Link>();
  for (const link of links) {
    const to = into.get(link.to) ?? link.to;
    const known = kept.get(`${link.from} ${to}`);
    kept.set(`${link.from} ${to}`, {
      from: link.from,
      to,
      clear: (known?.clear ?? 0) + link.clear,
      secure: (known?.secure ?? 0) + link.secure,
    });
  }
  return { kept: [...kept.values()], bundles };
}

interface Box {
  readonly id: string;
  readonly text: string;
  readonly namespace: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly { link: Link; points: readonly { x: number; y: number }[] }[];
}

function layOut(shape: Picture): Drawing {
  const graph = new Ranks({});
  graph.setGraph({ rankdir: "LR", nodesep: 14, edgesep: 8, ranksep: 150, marginx: 14, marginy: 14 });
  graph.setDefaultEdgeLabel(() => ({}));
  const names = [...new Set(shape.links.flatMap((link) => [link.from, link.to]))];
  const meta = new Map<string, { text: string; namespace: string }>();
  for (const id of names) {
    const bundle = shape.bundles.get(id);
    const { namespace, name } = bundle
      ? { namespace: "mutual TLS alone", name: `${bundle.servers.length} ${shape.byNamespace ? "namespaces" : "servers"}` }
      : split(id);
    const text = shape.byNamespace && !bundle ? id : name;
    meta.set(id, { text, namespace: shape.byNamespace && !bundle ? id : namespace });
    const longest = Math.max(text.length * CHARACTER, shape.byNamespace && !bundle ? 0 : namespace.length * SMALL);
    graph.setNode(id, { width: Math.max(64, longest + 26), height: HEIGHT });
  }
  shape.links.forEach((link) => {
    if (link.from !== link.to) {
      graph.setEdge(link.from, link.to, {});
    }
  });
  layout(graph, {});
  const box = (id: string): Box => {
    const node = graph.node(id);
    const known = meta.get(id) ?? { text: id, namespace: "" };
    return { id, ...known, x: node.x, y: node.y, width: node.width, height: node.height };
  };
  const size = graph.graph();
  return {
    width: size.width ?? 0,
    height: size.height ?? 0,
    boxes: names.map(box),
    lines: shape.links
      .filter((link) => link.from !== link.to)
      .map((link) => ({ link, points: graph.edge(link.from, link.to, undefined).points })),
  };
}

/** A smooth line through the points that the layout found. */
function curve(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  if (!first) {
    return "";
  }
  let path = `M${first.x} ${first.y}`;
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    if (next) {
      path += ` Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
    } else {
      path += ` L${point.x} ${point.y}`;
    }
  });
  return path;
}

function words(link: Link, bundles: ReadonlyMap<string, Bundle>): string {
  const to = bundles.get(link.to)?.servers.join(", ") ?? link.to;
  const parts = [link.clear > 0 ? `${count(link.clear)} plaintext` : "", link.secure > 0 ? `${count(link.secure)} mutual TLS` : ""];
  return `${link.from} calls ${to}: ${parts.filter(Boolean).join(", ")}`;
}

function target(box: Box, bundle: Bundle | undefined): { href: string; "aria-label": string } {
  return bundle
    ? { href: href(["traffic"], { q: bundle.client, security: "mutual_tls" }), "aria-label": `${bundle.servers.length} servers that ${bundle.client} calls by mutual TLS` }
    : { href: href(["namespaces", box.namespace || box.id], { tab: "traffic" }), "aria-label": box.id };
}

/** Who calls whom. Laid out in ranks, so that the same traffic gives the same picture, and nothing drifts about. */
export function Graph({ shape }: { shape: Picture }) {
  const key = shape.links.map((link) => `${link.from} ${link.to}`).join("|");
  const drawing = useMemo(() => layOut(shape), [key]);
  const now = new Map(shape.links.map((link) => [`${link.from} ${link.to}`, link]));
  return (
    <div class="graph" tabIndex={0} role="group" aria-label="Who calls whom; the table below says the same">
      <svg width={drawing.width} height={drawing.height} viewBox={`0 0 ${drawing.width} ${drawing.height}`}>
        <defs>
          {(["clear", "secure"] as const).map((kind) => (
            <marker key={kind} id={`tip-${kind}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
              <path class={`tip-${kind}`} d="M0 .8 7.500 4 0 7.200z" />
            </marker>
          ))}
        </defs>
        {drawing.lines.map(({ link, points }) => {
          const current = now.get(`${link.from} ${link.to}`) ?? link;
          const clear = current.clear > 0;
          return (
            <g key={`${link.from} ${link.to}`} class={clear ? "line line-clear" : "line line-secure"}>
              <title>{words(current, shape.bundles)}</title>
              <path d={curve(points)} marker-end={`url(#tip-${clear ? "clear" : "secure"})`} />
            </g>
          );
        })}
        {drawing.lines.map(({ link, points }) => {
          const middle = points[Math.floor(points.length / 2)];
          return (now.get(`${link.from} ${link.to}`) ?? link).clear > 0 && middle ? (
            <g key={`${link.from} ${link.to}`} transform={`translate(${middle.x} ${middle.y})`}>
              <rect class="flag" x="-36" y="-10" width="72" height="20" rx="10" />
              <text class="flag-text" text-anchor="middle" y="4">
                plaintext
              </text>
            </g>
          ) : null;
        })}
        {drawing.boxes.map((box) => (
          <a key={box.id} class={`node${shape.bundles.has(box.id) ? " bundle" : ""}`} {...target(box, shape.bundles.get(box.id))}>
            <rect x={box.x - box.width / 2} y={box.y - box.height / 2} width={box.width} height={box.height} rx="7" />
            {box.namespace !== box.text && box.namespace && (
              <text class="node-namespace" x={box.x} y={box.y - 5} text-anchor="middle">
                {box.namespace}
              </text>
            )}
            <text x={box.x} y={box.y + (box.namespace !== box.text && box.namespace ? 11 : 4)} text-anchor="middle">
              {box.text}
            </text>
          </a>
        ))}
      </svg>
    </div>
  );
}
