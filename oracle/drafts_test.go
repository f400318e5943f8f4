package oracle

import (
	"os"
	"testing"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config/schema/gvk"
	"istio.io/istio/pkg/config/validation"
)

// TestDraftsAreValid asks Istio's webhook, that is, the code behind it, about the AuthorizationPolicies that the service
// drafts: src/test/resources/authorization/drafts.yaml, which AuthorizationManifestsTest holds to the service.
func TestDraftsAreValid(t *testing.T) {
	text, err := os.ReadFile("../src/test/resources/authorization/drafts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	configs, _, err := crd.ParseInputs(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(configs) < 4 {
		t.Fatalf("only %d policies", len(configs))
	}
	for _, config := range configs {
		if config.GroupVersionKind != gvk.AuthorizationPolicy {
			t.Errorf("%s is a %s", config.Name, config.GroupVersionKind)
			continue
		}
		warnings, err := validation.ValidateAuthorizationPolicy(config)
		if warnings != nil || err != nil {
			t.Errorf("%s/%s: %v, %v", config.Namespace, config.Name, warnings, err)
		}
	}
}
