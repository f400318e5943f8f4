package checks

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	helmlint "helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

const folder = "../chart"

// objects by kind, namespace and name.
type objects map[string]map[string]any

func (o objects) add(t *testing.T, text string) {
	t.Helper()
	for _, document := range regexp.MustCompile(`(?m)^---\s*$`).Split(text, -1) {
		var object map[string]any
		if err := yaml.UnmarshalStrict([]byte(document), &object); err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		if len(object) == 0 {
			continue
		}
		metadata := object["metadata"].(map[string]any)
		namespace, _ := metadata["namespace"].(string)
		key := strings.Join([]string{object["kind"].(string), namespace, metadata["name"].(string)}, "/")
		if o[key] != nil {
			t.Fatalf("%s comes twice", key)
		}
		o[key] = object
	}
}

func kustomized(t *testing.T, path string) objects {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	found := objects{}
	found.add(t, string(text))
	return found
}

func rendered(namespace, values string) (map[string]string, error) {
	return renderedFrom(folder, namespace, values)
}

func renderedFrom(path, namespace, values string) (map[string]string, error) {
	chart, err := loader.Load(path)
	if err != nil {
		return nil, err
	}
	return renderedOf(chart, namespace, values)
}

func renderedOf(chart *chart.Chart, namespace, values string) (map[string]string, error) {
	given, err := chartutil.ReadValues([]byte(values))
	if err != nil {
		return nil, err
	}
	options := chartutil.ReleaseOptions{Name: "any", Namespace: namespace, IsInstall: true, Revision: 1}
	all, err := chartutil.ToRenderValues(chart, given, options, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	return engine.Render(chart, all)
}

// helm is what the chart installs, less what Helm wants of it: two labels, and that definitions are kept.
func helm(t *testing.T, namespace, values string) objects {
	t.Helper()
	files, err := rendered(namespace, values)
	if err != nil {
		t.Fatal(err)
	}
	found := objects{}
	for name, text := range files {
		if strings.HasSuffix(name, ".yaml") {
			found.add(t, text)
		}
	}
	for key, object := range found {
		metadata := object["metadata"].(map[string]any)
		labels := metadata["labels"].(map[string]any)
		for _, label := range []string{"app.kubernetes.io/managed-by", "helm.sh/chart"} {
			if labels[label] == nil {
				t.Errorf("%s has no label %s", key, label)
			}
			delete(labels, label)
		}
		if len(labels) == 0 {
			delete(metadata, "labels")
		}
		if object["kind"] == "CustomResourceDefinition" || object["kind"] == "Namespace" {
			annotations, _ := metadata["annotations"].(map[string]any)
			if annotations["helm.sh/resource-policy"] != "keep" {
				t.Errorf("%s goes with the chart, and with it what plans need to be undone", key)
			}
			delete(annotations, "helm.sh/resource-policy")
			if len(annotations) == 0 {
				delete(metadata, "annotations")
			}
		}
	}
	return found
}

// The chart has no object of its own: what it renders is what kustomize builds.
func TestChartIsWhatKustomizeBuilds(t *testing.T) {
	monitors := []string{"PodMonitor/mtls-migration/mtls-migration", "ServiceMonitor/mtls-migration/mtls-migration", "Service/mtls-migration/mtls-migration-metrics"}
	everything := "{namespace: {create: true}, exec: {everywhere: true, ephemeralContainers: true, ephemeralImage: tcpdump}, probeAgents: {enabled: true}, grafana: {dashboards: true}, monitoring: {alerts: true, "
	for name, c := range map[string]struct {
		overlay, values string
		without         []string
	}{
		"single":                      {"../overlays/single", "{namespace: {create: true}}", nil},
		"replicas":                    {"../overlays/replicas", "{namespace: {create: true}, replicas: 3}", nil},
		"everything, pod monitor":     {"../../src/test/resources/e2e/everything", everything + "podMonitor: true}}", monitors[1:]},
		"everything, service monitor": {"../../src/test/resources/e2e/everything", everything + "serviceMonitor: true}}", monitors[:1]},
	} {
		t.Run(name, func(t *testing.T) {
			expected := kustomized(t, c.overlay)
			for _, key := range c.without {
				if expected[key] == nil {
					t.Errorf("kustomize builds no %s", key)
				}
				delete(expected, key)
			}
			actual := helm(t, "mtls-migration", c.values)
			for _, key := range slices.Sorted(maps.Keys(expected)) {
				if actual[key] == nil {
					t.Errorf("the chart has no %s", key)
				} else if !reflect.DeepEqual(expected[key], actual[key]) {
					t.Errorf("%s differs: kustomize\n%s\nHelm\n%s", key, text(t, expected[key]), text(t, actual[key]))
				}
			}
			for key := range actual {
				if expected[key] == nil {
					t.Errorf("only the chart has %s", key)
				}
			}
		})
	}
}

// Whoever adds a manifest that names the namespace in yet another way finds it here.
func TestChartGoesWhereItIsPut(t *testing.T) {
	values := `{namespace: {create: true}, istio: {namespace: istio-control}, prometheus: {url: "http://thanos.observe"}, networkPolicy: {prometheusNamespaces: [observe]},
		exec: {everywhere: true, ephemeralContainers: true, ephemeralImage: tcpdump}, probeAgents: {enabled: true}, monitoring: {alerts: true, serviceMonitor: true}, grafana: {dashboards: true}}`
	named := regexp.MustCompile(`(?m)(namespace: mtls-migration|metadata\.name: mtls-migration|serviceaccount:mtls-migration|istio-system)\b.*$`)
	files, err := rendered("mesh-tools", values)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if found := named.FindString(text); found != "" && strings.HasSuffix(name, ".yaml") {
			t.Errorf("%s stays where it was", found)
		}
	}
	found := helm(t, "mesh-tools", values)
	for _, key := range []string{
		"Namespace//mesh-tools", "Deployment/mesh-tools/mtls-migration", "Role/mesh-tools/mtls-migration-act",
		"Role/istio-control/mtls-migration-read", "Role/istio-control/mtls-migration-probe", "Role/default/mtls-migration-act",
		"ServiceMonitor/mesh-tools/mtls-migration", "PrometheusRule/mesh-tools/mtls-migration", "ConfigMap/mesh-tools/mtls-migration-dashboards",
	} {
		if found[key] == nil {
			t.Errorf("there is no %s", key)
		}
	}
	deployment := text(t, found["Deployment/mesh-tools/mtls-migration"])
	for _, variable := range []string{"MTLS_MIGRATION_ISTIOD_NAMESPACE\n        value: istio-control", "MTLS_MIGRATION_PROMETHEUS_URL\n        value: http://thanos.observe"} {
		if !strings.Contains(strings.ReplaceAll(deployment, "          ", "        "), variable) {
			t.Errorf("the service is not told %q:\n%s", variable, deployment)
		}
	}
}

// The addresses take the place of the one that the manifests name; DNS in pods is reached in any case.
func TestChartLetsOutToDNSWhereItIsSaid(t *testing.T) {
	for values, expected := range map[string]string{
		"[]": "to:\n    - namespaceSelector: {}\n  - ports", "null": "to:\n    - namespaceSelector: {}\n  - ports",
		"[169.254.25.10/32, \"fd00::10/128\"]": "to:\n    - namespaceSelector: {}\n    - ipBlock:\n        cidr: 169.254.25.10/32\n    - ipBlock:\n        cidr: fd00::10/128\n  - ports",
	} {
		policy := text(t, helm(t, "mtls-migration", "{networkPolicy: {dnsAddresses: "+values+"}}")["NetworkPolicy/mtls-migration/mtls-migration"])
		if !strings.Contains(policy, expected) {
			t.Errorf("%s does not lead to %q:\n%s", values, expected, policy)
		}
	}
}

func TestChartTakesValues(t *testing.T) {
	deployment := func(values string) string {
		return text(t, helm(t, "mtls-migration", values)["Deployment/mtls-migration/mtls-migration"])
	}
	digest := "sha256:" + strings.Repeat("0a", 32)
	for values, expected := range map[string]string{
		"{image: {digest: \"" + digest + "\"}}":                          "image: mtls-migration@" + digest + "\n",
		"{image: {repository: registry/x, tag: \"1\"}}":                  "image: registry/x:1\n",
		"{imagePullSecrets: [{name: pull}]}":                             "imagePullSecrets:\n      - name: pull\n",
		"{podAnnotations: {prometheus.io/scrape: \"false\"}}":            "prometheus.io/scrape: \"false\"\n",
		"{podLabels: {team: mesh}}":                                      "team: mesh\n",
		"{env: [{name: QUARKUS_OTEL_SDK_DISABLED, value: \"false\"}]}":   "name: QUARKUS_OTEL_SDK_DISABLED\n",
		"{nodeSelector: {kubernetes.io/arch: arm64}}":                    "nodeSelector:\n        kubernetes.io/arch: arm64\n",
		"{podSecurityContext: {runAsUser: null}}":                        "runAsGroup: 65532\n        runAsNonRoot: true\n",
		"{volumes: [{name: tls, secret: {secretName: tls}}]}":            "name: tls\n        secret:\n          secretName: tls\n",
		"{volumeMounts: [{name: tls, mountPath: /tls, readOnly: true}]}": "mountPath: /tls\n",
		"{resources: {limits: {memory: 2Gi}}}":                           "memory: 2Gi\n",
	} {
		if shown := deployment(values); !strings.Contains(shown, expected) {
			t.Errorf("%s does not lead to %q:\n%s", values, expected, shown)
		}
	}
	replaced := deployment("{env: [{name: MTLS_MIGRATION_LOG_JSON, value: \"false\"}]}")
	if strings.Count(replaced, "MTLS_MIGRATION_LOG_JSON") != 1 || !strings.Contains(replaced, "name: MTLS_MIGRATION_LOG_JSON\n          value: \"false\"\n") {
		t.Errorf("a variable of the chart's own is not replaced:\n%s", replaced)
	}
	if strings.Contains(deployment("{prometheus: {url: \"\"}}"), "PROMETHEUS_URL") {
		t.Error("an empty address is one all the same")
	}
	if found := helm(t, "mtls-migration", "{networkPolicy: {enabled: false}, crds: {install: false}}"); len(found) != len(helm(t, "mtls-migration", "{}"))-3 {
		t.Error("what is switched off is there")
	}
}

// Whoever takes a default away has nothing in its place.
func TestChartTakesNullForNothing(t *testing.T) {
	plain := helm(t, "mtls-migration", "{}")
	for _, values := range []string{
		"{podLabels: null}", "{podAnnotations: null}", "{env: null}", "{volumes: null}", "{volumeMounts: null}", "{networkPolicy: {extraEgress: null}}",
	} {
		t.Run(values, func(t *testing.T) {
			if !reflect.DeepEqual(plain, helm(t, "mtls-migration", values)) {
				t.Error("it is not what is installed without it")
			}
		})
	}
	for _, labels := range []string{"null", "{grafana_dashboard: null}"} {
		t.Run("labels "+labels, func(t *testing.T) {
			found := helm(t, "mtls-migration", "{monitoring: {alerts: true, labels: null}, grafana: {dashboards: true, labels: "+labels+"}}")
			dashboards := found["ConfigMap/mtls-migration/mtls-migration-dashboards"]
			if labels := dashboards["metadata"].(map[string]any)["labels"]; labels != nil {
				t.Errorf("a label that was taken away is there: %v", labels)
			}
		})
	}
}

// One value names the image to the service, and to the policy that holds the service to it.
func TestChartLetsTheImageThroughThatTheServiceAdds(t *testing.T) {
	found := helm(t, "mtls-migration", "{exec: {ephemeralContainers: true, ephemeralImage: \"registry/tcpdump:1\"}}")
	for key, expected := range map[string]string{
		"ValidatingAdmissionPolicy//mtls-migration-ephemeral-containers": "expression: '''registry/tcpdump:1'''\n    name: image\n",
		"Deployment/mtls-migration/mtls-migration":                       "name: MTLS_MIGRATION_WIRE_EPHEMERAL_IMAGE\n          value: registry/tcpdump:1\n",
	} {
		if shown := text(t, found[key]); !strings.Contains(shown, expected) {
			t.Errorf("%s has no %q:\n%s", key, expected, shown)
		}
	}
}

func TestChartRefusesValues(t *testing.T) {
	for _, values := range []string{
		"{replica: 3}", "{replicas: many}", "{prometheus: {url: prometheus}}", "{monitoring: {podMonitor: true, serviceMonitor: true}}",
		"{image: {pullPolicy: Sometimes}}", "{env: [{name: MTLS_MIGRATION_PROMETHEUS_URL, value: x}]}", "{istio: {namespace: Istio}}",
		"{networkPolicy: {dnsAddresses: [169.254.20.10]}}", "{exec: {ephemeralContainers: true}}", "{exec: {ephemeralContainers: true, ephemeralImage: \"x'\"}}", "{exec: null}", "{replicas: null}",
		"{env: [{name: MTLS_MIGRATION_WIRE_EPHEMERAL_IMAGE, value: x}]}", "{networkPolicy: {prometheusNamespaces: null}}",
		"{nameOverride: other}", "{image: {repository: \"a b\"}}", "{podSecurityContext: {runAsUser: 0}}", "{podSecurityContext: {runAsGrup: 1}}",
		"{resources: {limit: {memory: 1Gi}}}", "{resources: {limits: {memory: 1 Gi}}}", "{podLabels: {team: \"a team\"}}",
		"{podSecurityContext: null}", "{podSecurityContext: {runAsNonRoot: null}}", "{podSecurityContext: {runAsNonRoot: false}}",
	} {
		if _, err := rendered("mtls-migration", values); err == nil || !strings.Contains(err.Error(), "schema") {
			t.Errorf("%s is taken: %v", values, err)
		}
	}
}

// No name is made of the release's or the namespace's, which may be as long as any.
func TestChartGoesIntoNamespacesOfAnyLength(t *testing.T) {
	found := map[string]string{}
	for key, object := range helm(t, strings.Repeat("a", 63), "{namespace: {create: true}, grafana: {dashboards: true}}") {
		for _, fault := range append(faultyLabels(key, object), validation.IsDNS1123Subdomain(strings.ReplaceAll(key[strings.LastIndex(key, "/")+1:], ":", "-"))...) {
			t.Errorf("%s: %s", key, fault)
		}
		found[key] = key
	}
	if found["Namespace//"+strings.Repeat("a", 63)] == "" {
		t.Error("there is no namespace")
	}
}

// In the namespace default there is one of its Roles in any case, and istiod's has its own labels.
func TestChartRefusesNamespaces(t *testing.T) {
	for namespace, values := range map[string]string{
		"default": "{}", "istio-system": "{namespace: {create: true}}", "istio-control": "{istio: {namespace: istio-control}, namespace: {create: true}}",
	} {
		if _, err := rendered(namespace, values); err == nil || !strings.Contains(err.Error(), "namespace of its own") {
			t.Errorf("the namespace %s is taken with %s: %v", namespace, values, err)
		}
	}
	helm(t, "istio-system", "{}")
}

// What is a link in the repository is a file in what is published.
func TestChartIsWholeInItsArchive(t *testing.T) {
	chart, err := loader.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := chartutil.Save(chart, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	expected, err := rendered("mtls-migration", "{}")
	if err != nil {
		t.Fatal(err)
	}
	if actual, err := renderedFrom(archive, "mtls-migration", "{}"); err != nil || !maps.Equal(expected, actual) {
		t.Errorf("the archive renders otherwise than the folder: %v", err)
	}
}

func TestChartIsLinted(t *testing.T) {
	for _, message := range helmlint.All(folder, nil, "mtls-migration", true).Messages {
		// An icon is for catalogues.
		if message.Severity >= support.WarningSev {
			t.Error(message)
		}
	}
}

// The chart is of one version with the service, and each value is described by the schema.
func TestChartIsDescribed(t *testing.T) {
	chart, err := loader.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	pom, err := os.ReadFile("../../pom.xml")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?s)<artifactId>mtls-migration</artifactId>\s*<version>([0-9.]+)`).FindStringSubmatch(string(pom))
	if version == nil || chart.Metadata.Version != version[1] || chart.Metadata.AppVersion != version[1] {
		t.Errorf("the chart is %s of %s, pom.xml says %v", chart.Metadata.Version, chart.Metadata.AppVersion, version)
	}
	var schema struct{ Properties map[string]any }
	if err := yaml.Unmarshal(chart.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	for name := range chart.Values {
		if schema.Properties[name] == nil {
			t.Errorf("%s is not in the schema", name)
		}
	}
}

// With the namespace or a definition go the plans, and what they need to be undone.
func TestNoToolPrunesWhatPlansNeed(t *testing.T) {
	kept := 0
	for key, object := range kustomized(t, "../overlays/single") {
		if kind := object["kind"]; kind != "Namespace" && kind != "CustomResourceDefinition" {
			continue
		}
		kept++
		annotations, _ := object["metadata"].(map[string]any)["annotations"].(map[string]any)
		if annotations["argocd.argoproj.io/sync-options"] != "Prune=false,Delete=false" || annotations["kustomize.toolkit.fluxcd.io/prune"] != "disabled" {
			t.Errorf("%s is pruned: %v", key, annotations)
		}
	}
	if kept != 3 {
		t.Errorf("%d are kept, not the namespace and two definitions", kept)
	}
}

// OpenShift's DNS pods listen on 5353, and NodeLocal DNSCache is at an address that no selector matches.
func TestNamesAreFoundWhereDNSIsElsewhere(t *testing.T) {
	policy := text(t, kustomized(t, "../overlays/single")["NetworkPolicy/mtls-migration/mtls-migration"])
	for _, expected := range []string{"port: 5353\n      protocol: UDP\n", "port: 5353\n      protocol: TCP\n", "cidr: 169.254.20.10/32\n"} {
		if !strings.Contains(policy, expected) {
			t.Errorf("no rule has %q:\n%s", expected, policy)
		}
	}
}

// A component of the kustomization that Argo CD is installed by.
func TestArgoCDGetsItsScripts(t *testing.T) {
	base := t.TempDir()
	component, err := filepath.Abs("../components/argocd-health")
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(base, "argocd-health")
	if err := os.CopyFS(link, os.DirFS(component)); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"argocd-cm.yaml":     "{apiVersion: v1, kind: ConfigMap, metadata: {name: argocd-cm, namespace: argocd}, data: {url: https://argocd}}\n",
		"kustomization.yaml": "{resources: [argocd-cm.yaml], components: [argocd-health]}\n",
	} {
		if err := os.WriteFile(filepath.Join(base, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data := kustomized(t, base)["ConfigMap/argocd/argocd-cm"]["data"].(map[string]any)
	for _, key := range []string{"url", "resource.customizations.health.mtls-migration.io_MigrationPlan", "resource.customizations.health.mtls-migration.io_NamespaceMigration"} {
		if data[key] == nil {
			t.Errorf("argocd-cm has no %s", key)
		}
	}
}

func text(t *testing.T, object any) string {
	t.Helper()
	written, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}
