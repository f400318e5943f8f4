package main

import (
	"bytes"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/yaml"
)

const image = "registry.example.com:5000/team/mtls-migration:0.1.0@sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"

func version(t *testing.T) string {
	t.Helper()
	chart, err := loader.Load("../../chart")
	if err != nil {
		t.Fatal(err)
	}
	return chart.Metadata.Version
}

// What helm install reads of the archive is what it reads of the folder, with the release's image.
func TestChartIsTheFolderWithTheImage(t *testing.T) {
	archive, err := Chart("../../chart", version(t), image)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Chart("../../chart", version(t), image)
	if !bytes.Equal(archive, again) {
		t.Error("the same commit gives other bytes")
	}
	chart, err := loader.LoadArchive(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	values, err := chartutil.ToRenderValues(chart, nil, chartutil.ReleaseOptions{Name: "any", Namespace: "mtls-migration"}, chartutil.DefaultCapabilities)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Render(chart, values)
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, text := range files {
		all += text
	}
	if !strings.Contains(all, "image: registry.example.com:5000/team/mtls-migration@sha256:0a") {
		t.Errorf("another image: %s", all)
	}
	for _, kind := range []string{"kind: Deployment", "kind: CustomResourceDefinition", "kind: ValidatingAdmissionPolicy"} {
		if !strings.Contains(all, kind) {
			t.Errorf("no %s", kind)
		}
	}
}

func TestInstallIsWhatKubectlApplies(t *testing.T) {
	text, err := Install("../../overlays/single", version(t), image)
	if err != nil {
		t.Fatal(err)
	}
	images := 0
	for _, document := range strings.Split(string(text), "\n---\n") {
		var object map[string]any
		if err := yaml.UnmarshalStrict([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(document, "image: "+image) {
			images++
		}
	}
	if images != 1 {
		t.Errorf("%d objects name the image", images)
	}
}

func TestAnotherVersionIsRefused(t *testing.T) {
	if _, err := Chart("../../chart", "9.9.9", image); err == nil {
		t.Error("the chart is of another version")
	}
	if _, err := Install("../../overlays/single", "9.9.9", image); err == nil {
		t.Error("the manifest is of another version")
	}
}
