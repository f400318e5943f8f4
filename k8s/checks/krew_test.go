package checks

import (
	"os/exec"
	"testing"
)

const krewManifest = "../krew/mtls.yaml"

// By Krew's own check of what comes into its index; address and sum are those of a release (scripts/release-test installs from one), so nothing is fetched.
func TestKrewTakesTheManifest(t *testing.T) {
	out, err := exec.Command("go", "tool", "validate-krew-manifest", "-manifest", krewManifest, "-skip-install").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
