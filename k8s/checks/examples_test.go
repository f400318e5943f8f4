package checks

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Whatever the documentation tells people to put into an overlay builds, and does something.
func TestExamplesOfOverlaysBuild(t *testing.T) {
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```")
	kustomization := regexp.MustCompile(`(?m)^(patches|components|kind: Kustomization)\b`)
	base := kustomized(t, "../base")
	examples := 0
	for _, page := range []string{"../README.md", "../../docs/deployment.md", "../../docs/alerts.md", "../../docs/dashboards.md"} {
		words, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, example := range block.FindAllStringSubmatch(string(words), -1) {
			if !kustomization.MatchString(example[1]) {
				continue
			}
			examples++
			if built := kustomized(t, overlay(t, example[1])); text(t, built) == text(t, base) {
				t.Errorf("an example of %s changes nothing:\n%s", page, example[1])
			}
		}
	}
	if examples < 5 {
		t.Errorf("only %d examples were found", examples)
	}
}

// overlay is a folder with an example as its kustomization, on our base where the example does not say on what.
func overlay(t *testing.T, example string) string {
	t.Helper()
	folder := t.TempDir()
	ours, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(folder, ours)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(example, "resources:") {
		example = "resources:\n- mtls-migration/k8s/base\n" + example
	}
	example = strings.ReplaceAll(example, "mtls-migration/k8s/", relative+"/")
	if err := os.WriteFile(filepath.Join(folder, "kustomization.yaml"), []byte(example), 0o644); err != nil {
		t.Fatal(err)
	}
	return folder
}
