package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Only the server knows how a connection was secured, so `reporter` is its own or its waypoint's. Plaintext is every
// value but `mutual_tls`: an Envoy writes `none`, ztunnel `unknown`; a series without the label says nothing. The facts
// behind this are in src/main/resources/promql/README.md.
const (
	served    = `destination_workload_namespace=~"$namespace",cluster=~"$cluster"`
	anyHTTP   = `istio_requests_total{reporter=~"destination|waypoint",connection_security_policy!="",` + served + `}`
	plainHTTP = `istio_requests_total{reporter=~"destination|waypoint",connection_security_policy!~"mutual_tls|",` + served + `}`
	// By ztunnel a connection counts as opened before it asks its policies: what it served was closed without a denial.
	plainTCP = `istio_tcp_connections_closed_total{reporter="destination",connection_security_policy!~"mutual_tls|",response_flags!="DENY",` + served + `}`
	// One that is open for long shows by its bytes.
	plainReceived = `istio_tcp_received_bytes_total{reporter="destination",connection_security_policy!~"mutual_tls|",` + served + `}`
	plainSent     = `istio_tcp_sent_bytes_total{reporter="destination",connection_security_policy!~"mutual_tls|",` + served + `}`
	denied        = `istio_tcp_connections_failed_total{reporter="destination",response_flags="DENY",` + served + `}`

	pair       = "source_workload_namespace, source_workload, destination_workload_namespace, destination_workload"
	pairLegend = "{{source_workload_namespace}}/{{source_workload}} → {{destination_workload_namespace}}/{{destination_workload}}"
)

func rate(selector string) string { return "rate(" + selector + "[$__rate_interval])" }

func sum(by, of string) string {
	if by == "" {
		return "sum(" + of + ")"
	}
	return "sum by (" + by + ") (" + of + ")"
}

// within counts what came in the range that is shown. increase() does not see the first sample of a series, so what was
// not there at the start of the range counts with its whole value.
func within(selector string) string {
	return fmt.Sprintf("((last_over_time(%[1]s[$__range]) unless last_over_time(%[1]s[10m] offset $__range)) or increase(%[1]s[$__range]))", selector)
}

// Plaintext tells who still sends plaintext to whom.
func Plaintext() (dashboard.Dashboard, error) {
	metrics := `{__name__=~"istio_requests_total|istio_tcp_received_bytes_total"}`
	mutual := "1 - (" + sum("", rate(plainHTTP)) + " or vector(0)) / " + sum("", rate(anyHTTP))
	by := "destination_workload_namespace"
	mutualBy := "1 - (" + sum(by, rate(plainHTTP)) + " or 0 * " + sum(by, rate(anyHTTP)) + ") / " + sum(by, rate(anyHTTP))
	tcp := rate(plainTCP)
	octets := "(" + rate(plainReceived) + " + " + rate(plainSent) + ")"
	return open("mtls-migration-plaintext", "mTLS migration / Plaintext",
		"Who sends plaintext to whom in an Istio mesh, over time, from the metrics of the servers' proxies.", "now-24h",
		variable("cluster", "Cluster", metrics, "cluster"),
		variable("namespace", "Namespace of the server", metrics, "destination_workload_namespace")).
		WithRow(dashboard.NewRowBuilder("Now")).
		WithPanel(number(words{"Share of mutual TLS", "Of the requests (HTTP, gRPC) that servers took. Empty while nobody calls: no traffic is no evidence."},
			share, query{mutual, ""}, steps("red", 0.9, "orange", 1.0, "green"))).
		WithPanel(number(words{"Plaintext requests", "HTTP and gRPC requests a second that servers took without mutual TLS."},
			perSec, query{sum("", rate(plainHTTP)) + " or vector(0)", ""}, steps("green", 0.0001, "red"))).
		WithPanel(number(words{"Plaintext connections", "TCP connections a second that servers took without mutual TLS. They count when they are closed."},
			"cps", query{sum("", tcp) + " or vector(0)", ""}, steps("green", 0.0001, "red"))).
		WithPanel(number(words{"Plaintext bytes", "Of TCP connections without mutual TLS, both ways: those that are open for long show here only."},
			bytesSec, query{sum("", octets) + " or vector(0)", ""}, steps("green", 0.0001, "red"))).
		WithPanel(number(words{"Pairs", "Of clients and servers between which plaintext goes."},
			short, query{"count(" + sum(pair, rate(plainHTTP)+" or "+tcp) + " > 0) or vector(0)", ""}, steps("green", 1.0, "red"))).
		WithPanel(number(words{"Servers", "That take plaintext."},
			short, query{"count(" + sum("destination_workload_namespace, destination_workload", rate(plainHTTP)+" or "+tcp) + " > 0) or vector(0)", ""}, steps("green", 1.0, "red"))).
		WithRow(dashboard.NewRowBuilder("Share of mutual TLS")).
		WithPanel(lines(words{"Share of mutual TLS by namespace", "Of the requests that servers of a namespace took. A gap means that nobody called."},
			share, query{mutualBy, "{{destination_workload_namespace}}"}).Max(1)).
		WithPanel(stacked(words{"Requests by security", "`none` and `unknown` are plaintext: the former is what sidecars call it, the latter ztunnels and waypoints."},
			perSec, query{sum("connection_security_policy", rate(anyHTTP)), "{{connection_security_policy}}"})).
		WithRow(dashboard.NewRowBuilder("Who sends plaintext to whom")).
		WithPanel(rows(words{"Clients and servers", "All that came in the range that is shown, a single call included. A sidecar calls each client without a proxy unknown; GET /api/v1/traffic names them by address."},
			short, []column{
				{"source_workload_namespace", "Client's namespace"}, {"source_workload", "Client"},
				{"destination_workload_namespace", "Server's namespace"}, {"destination_workload", "Server"},
				{"Value #A", "Requests"}, {"Value #B", "Connections"},
			},
			query{sum(pair, within(plainHTTP)) + " > 0", ""},
			query{sum(pair, within(plainTCP)) + " > 0", ""})).
		WithPanel(heat(words{"Servers over time", "Plaintext requests by the namespace of the server."},
			perSec, query{sum("destination_workload_namespace", rate(plainHTTP)), "{{destination_workload_namespace}}"})).
		WithPanel(heat(words{"Clients over time", "Plaintext requests by the namespace of the client; unknown is whoever has no proxy."},
			perSec, query{sum("source_workload_namespace", rate(plainHTTP)), "{{source_workload_namespace}}"})).
		WithPanel(stacked(words{"Plaintext requests by client and server", "HTTP and gRPC."},
			perSec, query{sum(pair, rate(plainHTTP)) + " > 0", pairLegend})).
		WithPanel(stacked(words{"Plaintext bytes by client and server", "TCP, both ways."},
			bytesSec, query{sum(pair, octets) + " > 0", pairLegend})).
		WithRow(dashboard.NewRowBuilder("Refused")).
		WithPanel(stacked(words{"Connections that ztunnels refused", "By a policy, of which STRICT is one. Of sidecars only access logs tell: NR filter_chain_not_found."},
			"cps", query{sum(pair, rate(denied)), pairLegend})).
		WithPanel(stacked(words{"Requests that failed at connection level", "503 with the flags UF, UC or URX, as the client's proxy tells: what a client in the mesh sees of STRICT when a DestinationRule has it send plaintext, and of a server that restarts."},
			perSec, query{sum("source_workload_namespace, source_workload, destination_service_namespace", rate(failed)), "{{source_workload_namespace}}/{{source_workload}} → {{destination_service_namespace}}"})).
		Build()
}

// A client's Envoy does not know how its connection was secured, but whether there was one.
const failed = `istio_requests_total{reporter="source",response_code="503",response_flags=~".*(UF|UC|URX).*",destination_service_namespace=~"$namespace",cluster=~"$cluster"}`
