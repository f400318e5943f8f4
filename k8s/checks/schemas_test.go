package checks

import (
	"encoding/json"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	extensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
)

// foreign are groups of definitions that are not Kubernetes' own; DeploymentE2E has them taken by a real API server.
var foreign = []string{"monitoring.coreos.com/"}

func strict(t *testing.T) runtime.Decoder {
	t.Helper()
	known := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, extensions.AddToScheme} {
		if err := add(known); err != nil {
			t.Fatal(err)
		}
	}
	return serializer.NewCodecFactory(known, serializer.EnableStrict).UniversalDeserializer()
}

// wrong names what Kubernetes' own types do not take of an object: a field that does not exist, one of another type.
func wrong(t *testing.T, decoder runtime.Decoder, object map[string]any) error {
	t.Helper()
	for _, group := range foreign {
		if strings.HasPrefix(object["apiVersion"].(string), group) {
			return nil
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = decoder.Decode(text, nil, nil)
	return err
}

// Every kustomization, and what the chart renders, is what Kubernetes' types say, with no field that they do not know.
func TestObjectsAreWhatKubernetesTakes(t *testing.T) {
	decoder := strict(t)
	all := map[string]objects{}
	walk := func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == "kustomization.yaml" && !strings.Contains(path, "/components/") && !strings.Contains(path, "/chart/") {
			all[path] = kustomized(t, filepath.Dir(path))
		}
		return err
	}
	for _, root := range []string{"..", "../../src/test/resources/e2e/everything"} {
		if err := filepath.WalkDir(root, walk); err != nil {
			t.Fatal(err)
		}
	}
	for _, values := range []string{
		"{}",
		"{namespace: {create: true}, replicas: 3, exec: {everywhere: true, ephemeralContainers: true, ephemeralImage: tcpdump}, probeAgents: {enabled: true}, grafana: {dashboards: true}, monitoring: {alerts: true, podMonitor: true}}",
		"{podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}}",
		"{env: [{name: A, value: b}], volumes: [{name: tls, secret: {secretName: tls}}], volumeMounts: [{name: tls, mountPath: /tls, readOnly: true}]}",
	} {
		all["chart with "+values] = helm(t, "somewhere", values)
	}
	if len(all) < 8 {
		t.Errorf("only %d sets of objects were found", len(all))
	}
	for name, set := range all {
		for _, key := range slices.Sorted(maps.Keys(set)) {
			if err := wrong(t, decoder, set[key]); err != nil {
				t.Errorf("%s: %s: %v", name, key, err)
			}
		}
	}
}

func TestSeesWhatKubernetesDoesNotTake(t *testing.T) {
	decoder := strict(t)
	for _, spoil := range []func(spec map[string]any){
		func(spec map[string]any) { spec["terminationGracePeriodSecond"] = 30 },
		func(spec map[string]any) { spec["terminationGracePeriodSeconds"] = "30" },
	} {
		deployment := kustomized(t, "../base")["Deployment/mtls-migration/mtls-migration"]
		spoil(deployment["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any))
		if wrong(t, decoder, deployment) == nil {
			t.Error("a wrong field is taken")
		}
	}
}
