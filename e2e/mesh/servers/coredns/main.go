// CoreDNS with no more plugins than manifests/coredns.yaml names: it compiles in a fraction of the time.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
)

func init() {
	// In the order in which they see a query.
	dnsserver.Directives = []string{"health", "ready", "errors", "kubernetes"}
}

func main() { coremain.Run() }
