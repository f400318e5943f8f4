import { layout } from "dagre-d3-es/src/dagre/index.js";
import { Graph as Ranks } from "dagre-d3-es/src/graphlib/index.js";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { TrafficEdge } from "../api/types";
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

export interface Picture {
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
/** A character of the name of a namespace. */
const BOLD = 7.6;

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
  // Those with plaintext are on top, whatever they are called; the rest by name, so that nothing moves about.
  shown.sort((a, b) => Number(b.clear > 0) - Number(a.clear > 0) || `${a.from} ${a.to}`.localeCompare(`${b.from} ${b.to}`));
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
  readonly note: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Namespaces, around their workloads. */
  readonly areas: readonly Box[];
  readonly boxes: readonly Box[];
  readonly lines: readonly { link: Link; points: readonly { x: number; y: number }[] }[];
}

/** Room for the name of a namespace above its workloads. */
const TITLE = 18;
const PAD = 7;

function layOut(shape: Picture): Drawing {
  const graph = new Ranks({ compound: true });
  graph.setGraph({ rankdir: "LR", nodesep: 18, edgesep: 8, ranksep: 110, marginx: 14, marginy: 14 + TITLE });
  graph.setDefaultEdgeLabel(() => ({}));
  const names = [...new Set(shape.links.flatMap((link) => [link.from, link.to]))];
  const meta = new Map<string, { text: string; note: string }>();
  const areas = new Set<string>();
  for (const id of names) {
    const bundle = shape.bundles.get(id);
    const text = bundle ? `${bundle.servers.length} ${shape.byNamespace ? "namespaces" : "servers"}` : shape.byNamespace ? id : split(id).name;
    const note = bundle ? "mutual TLS alone" : "";
    meta.set(id, { text, note });
    graph.setNode(id, { width: Math.max(64, text.length * CHARACTER + 26, note.length * SMALL + 26), height: HEIGHT });
    const area = bundle || shape.byNamespace ? "" : split(id).namespace;
    if (area) {
      areas.add(area);
      graph.setNode(`${area}/`, {});
      graph.setParent(id, `${area}/`);
    }
  }
  shape.links.forEach((link) => {
    if (link.from !== link.to) {
      graph.setEdge(link.from, link.to, {});
    }
  });
  layout(graph, {});
  const boxes = names.map((id): Box => {
    const { x, y, width, height } = graph.node(id);
    return { id, ...(meta.get(id) ?? { text: id, note: "" }), x, y, width, height };
  });
  const size = graph.graph();
  return {
    width: size.width ?? 0,
    height: size.height ?? 0,
    areas: [...areas].map((area) => around(area, boxes.filter((box) => graph.parent(box.id) === `${area}/`))),
    boxes,
    lines: shape.links
      .filter((link) => link.from !== link.to)
      .map((link) => ({ link, points: graph.edge(link.from, link.to, undefined).points })),
  };
}

/** As small as its workloads allow: the layout keeps others out, and leaves more room than is needed. */
function around(area: string, boxes: readonly Box[]): Box {
  const left = Math.min(...boxes.map((box) => box.x - box.width / 2)) - PAD;
  const right = Math.max(...boxes.map((box) => box.x + box.width / 2), left + area.length * BOLD + PAD) + PAD;
  const top = Math.min(...boxes.map((box) => box.y - box.height / 2)) - TITLE;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height / 2)) + PAD;
  return { id: area, text: area, note: "", x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top };
}

/** From one call to a million: wider by a pixel for ten times as many. */
const widthOf = (link: Link): number => 1.2 + Math.log10(Math.max(1, link.clear + link.secure));

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

/** What a pinned box stands for, in the table below it. */
export const standsFor = (pin: string, edge: TrafficEdge, shape: Picture): boolean => {
  const bundle = shape.bundles.get(pin);
  const key = (ref: string): string => (shape.byNamespace ? split(ref).namespace || ref : ref);
  return bundle ? key(edge.from) === bundle.client && bundle.servers.includes(key(edge.to)) : key(edge.from) === pin || key(edge.to) === pin;
};

/**
 * Who calls whom. Laid out in ranks, so that the same traffic gives the same picture, and nothing drifts about.
 *
 * @param pin the box that is looked at; empty for none
 */
export function Graph({ shape, pin, onPin }: { shape: Picture; pin: string; onPin(pin: string): void }) {
  const key = shape.links.map((link) => `${link.from} ${link.to}`).join("|");
  const drawing = useMemo(() => layOut(shape), [key]);
  const now = new Map(shape.links.map((link) => [`${link.from} ${link.to}`, link]));
  const touched = (link: Link): boolean => !pin || link.from === pin || link.to === pin;
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // Where there is no room for all of it, it begins with plaintext.
    const start = drawing.lines.find(({ link }) => link.clear > 0)?.points[0];
    place.current?.scrollTo(start ? Math.max(0, start.x - 120) : 0, start ? Math.max(0, start.y - 120) : 0);
  }, [drawing]);
  const near = new Set(pin ? shape.links.filter(touched).flatMap((link) => [link.from, link.to]) : drawing.boxes.map((box) => box.id));
  return (
    <div class="graph" ref={place} tabIndex={0} role="group" aria-label="Who calls whom; the table below says the same">
      <svg width={drawing.width} height={drawing.height} viewBox={`0 0 ${drawing.width} ${drawing.height}`}>
        <defs>
          {(["clear", "secure"] as const).map((kind) => (
            <marker key={kind} id={`tip-${kind}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
              <path class={`tip-${kind}`} d="M0 .8 7.500 4 0 7.200z" />
            </marker>
          ))}
        </defs>
        {drawing.areas.map((area) => (
          <rect key={area.id} class="area" x={area.x - area.width / 2} y={area.y - area.height / 2} width={area.width} height={area.height} rx="9" />
        ))}
        {drawing.lines.map(({ link, points }) => {
          const current = now.get(`${link.from} ${link.to}`) ?? link;
          const clear = current.clear > 0;
          return (
            <g key={`${link.from} ${link.to}`} class={`line line-${clear ? "clear" : "secure"}${touched(link) ? "" : " faint"}`}>
              <title>{words(current, shape.bundles)}</title>
              <path d={curve(points)} stroke-width={widthOf(current)} marker-end={`url(#tip-${clear ? "clear" : "secure"})`} />
            </g>
          );
        })}
        {drawing.areas.map((area) => (
          <text key={area.id} class="area-name" x={area.x - area.width / 2 + PAD} y={area.y - area.height / 2 + TITLE - 5}>
            {area.text}
          </text>
        ))}
        {drawing.lines.map(({ link, points }) => {
          const middle = points[Math.floor(points.length / 2)];
          return (now.get(`${link.from} ${link.to}`) ?? link).clear > 0 && middle ? (
            <g key={`${link.from} ${link.to}`} class={touched(link) ? "" : "faint"} transform={`translate(${middle.x} ${middle.y})`}>
              <rect class="flag" x="-36" y="-10" width="72" height="20" rx="10" />
              <text class="flag-text" text-anchor="middle" y="4">
                plaintext
              </text>
            </g>
          ) : null;
        })}
        {drawing.boxes.map((box) => {
          const pinned = box.id === pin;
          const press = (): void => onPin(pinned ? "" : box.id);
          return (
            <g
              key={box.id}
              class={`node${shape.bundles.has(box.id) ? " bundle" : ""}${near.has(box.id) ? "" : " faint"}`}
              role="button"
              tabindex={0}
              aria-pressed={pinned}
              aria-label={shape.bundles.has(box.id) ? `${box.text} that ${shape.bundles.get(box.id)?.client} calls by mutual TLS` : box.id}
              onClick={press}
              onKeyDown={(event) => {
                if (event.key === "Enter" || event.key === " ") {
                  event.preventDefault();
                  press();
                }
              }}
            >
              <rect x={box.x - box.width / 2} y={box.y - box.height / 2} width={box.width} height={box.height} rx="7" />
              {box.note && (
                <text class="node-note" x={box.x} y={box.y - 5} text-anchor="middle">
                  {box.note}
                </text>
              )}
              <text x={box.x} y={box.y + (box.note ? 11 : 4)} text-anchor="middle">
                {box.text}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
