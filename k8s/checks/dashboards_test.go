package checks

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"mtls-migration.io/k8s/checks/dashboards"
)

var update = flag.Bool("update", false, "write what is generated")

const grafana = "../components/grafana"

// What Grafana reads of a dashboard, as far as it is asked about here.
type board struct {
	text       string
	Title, Uid string
	Editable   bool
	Tags       []string
	Templating struct{ List []variable }
	Panels     []panel
}

type variable struct {
	Name, Label, Type, AllValue, Definition string
	Refresh                                 int
	Datasource                              source
}

type source struct{ Uid string }

type panel struct {
	Type, Title, Description string
	Datasource               source
	Targets                  []target
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Transformations          []struct {
		Id      string
		Options struct{ RenameByName map[string]string }
	}
}

type target struct {
	Expr, LegendFormat string
	Instant, Range     bool
}

func TestDashboardsAreGenerated(t *testing.T) {
	files, err := dashboards.Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(grafana, name)
		if *update {
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if there, _ := os.ReadFile(path); string(there) != string(text) {
			t.Errorf("%s is not what k8s/checks/dashboards says: make dashboards writes it", path)
		}
	}
	there, _ := filepath.Glob(filepath.Join(grafana, "*.json"))
	if len(there) != len(files) {
		t.Errorf("%d dashboards are generated, %s has %d", len(files), grafana, len(there))
	}
}

// The rules of github.com/grafana/dashboard-linter that hold for dashboards that are not about one job and instance,
// which is why its template-job, template-instance, target-job and target-instance rules are not among them. The linter
// itself cannot be had as a Go module: modules that it needs are not published.
func TestDashboardsAreLinted(t *testing.T) {
	for file, b := range boards(t) {
		t.Run(file, func(t *testing.T) {
			// What the builders leave empty, and Grafana knows no such value of.
			if left := regexp.MustCompile(`"(mode|sort|fill|orientation|displayMode)": ""`).FindString(b.text); left != "" {
				t.Error(left)
			}
			lint(t, b)
			for _, p := range b.Panels {
				if p.Type != "row" {
					lintPanel(t, p)
				}
			}
		})
	}
}

func lint(t *testing.T, b board) {
	if b.Editable {
		t.Error("uneditable-dashboard: can be edited, though its source is code")
	}
	if !slices.Contains(b.Tags, dashboards.Tag) {
		t.Error("has not the tag by which dashboards link to each other")
	}
	names := map[string]bool{}
	for _, v := range b.Templating.List {
		names[v.Name] = true
		switch v.Type {
		case "datasource":
			if v.Name != "datasource" || v.Label != "Data source" {
				t.Errorf("template-datasource-rule: %+v", v)
			}
		case "query":
			if v.Refresh != 2 {
				t.Errorf("template-on-time-change-reload-rule: %s", v.Name)
			}
			if v.Datasource.Uid != "${datasource}" || v.AllValue != ".*" {
				t.Errorf("%s has another data source, or another word for all", v.Name)
			}
		}
	}
	for _, name := range []string{"datasource", "cluster", "namespace"} {
		if !names[name] {
			t.Errorf("has no variable called %s", name)
		}
	}
}

// A state timeline shows colours, and no numbers that could have a unit.
func lintPanel(t *testing.T, p panel) {
	if p.Title == "" || p.Description == "" {
		t.Errorf("panel-title-description-rule: %q", p.Title)
	}
	if p.FieldConfig.Defaults.Unit == "" && p.Type != "state-timeline" {
		t.Errorf("panel-units-rule: %s", p.Title)
	}
	if p.Datasource.Uid != "${datasource}" {
		t.Errorf("panel-datasource-rule: %s", p.Title)
	}
	if len(p.Targets) == 0 {
		t.Errorf("panel-no-targets-rule: %s", p.Title)
	}
	for _, q := range p.Targets {
		if q.Instant == q.Range {
			t.Errorf("%s: neither of now nor over time, or both", p.Title)
		}
		wanted := "[$__rate_interval]"
		if q.Instant {
			wanted = "[$__range]"
		}
		for _, window := range regexp.MustCompile(`\b(?:rate|irate|increase)\([^\[]*(\[[^\]]*\])`).FindAllStringSubmatch(q.Expr, -1) {
			if window[1] != wanted {
				t.Errorf("target-rate-interval-rule: %s has %s", p.Title, window[1])
			}
		}
		expression, err := parser.NewParser(parser.Options{}).ParseExpr(filled(q.Expr))
		if err != nil {
			t.Errorf("target-promql-rule: %s: %v", p.Title, err)
			continue
		}
		counters(t, p, expression)
	}
}

// target-counter-agg-rule, for what is a counter by its name.
func counters(t *testing.T, p panel, expression parser.Expr) {
	parser.Inspect(expression, func(node parser.Node, path []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok || !regexp.MustCompile(`_(total|count|sum)$`).MatchString(selector.Name) {
			return nil
		}
		if len(path) > 0 {
			if _, ranged := path[len(path)-1].(*parser.MatrixSelector); ranged {
				return nil
			}
		}
		t.Errorf("target-counter-agg-rule: %s shows %s as it is", p.Title, selector)
		return nil
	})
}

// Each expression of each panel, in Prometheus' own engine, on what was recorded of a real mesh.
func TestPanelsHaveData(t *testing.T) {
	recorded := recording(t)
	for file, b := range boards(t) {
		for _, p := range b.Panels {
			for _, q := range p.Targets {
				for _, wrong := range recorded.wrong(q, columns(p)) {
					t.Errorf("%s, %s: %s\n%s", file, p.Title, wrong, q.Expr)
				}
			}
		}
		for _, v := range b.Templating.List {
			if v.Type == "query" {
				for _, wrong := range recorded.wrongVariable(v) {
					t.Errorf("%s, $%s: %s", file, v.Name, wrong)
				}
			}
		}
	}
}

// What has to be seen by the test above.
func TestSeesPanelsThatWouldBeEmpty(t *testing.T) {
	recorded := recording(t)
	for name, q := range map[string]target{
		"a metric that nobody exports":     {Expr: "sum(mtls_migration_leaders)", Range: true},
		"behind a default":                 {Expr: "sum(mtls_migration_leaders) or vector(0)", Range: true},
		"a label that the metric has not":  {Expr: `sum(mtls_migration_leader{phase="RUNNING"})`, Range: true},
		"a value that the label has not":   {Expr: `sum(mtls_migration_plans{phase="STARTED"})`, Range: true},
		"grouped by what is not there":     {Expr: "sum by (phases) (mtls_migration_plans)", Range: true},
		"joined on what is not there":      {Expr: "mtls_migration_leader and on (node) mtls_migration_leader", Range: true},
		"a legend that says nothing":       {Expr: "sum by (phase) (mtls_migration_plans)", LegendFormat: "{{plan}}", Range: true},
		"Istio's, misspelt":                {Expr: "sum(rate(istio_request_total[$__rate_interval]))", Range: true},
		"nothing but NaN":                  {Expr: "0 * sum(mtls_migration_leader) / 0", Range: true},
		"an operator that leaves nothing":  {Expr: "mtls_migration_leader > 1", Range: true},
		"a label of the other of two":      {Expr: `sum(rate(istio_requests_total{source_pod="a"}[$__rate_interval]))`, Range: true},
		"no expression":                    {Expr: "", Range: true},
		"an instant that is empty by then": {Expr: "sum(istio_tcp_sent_bytes_total) < 0", Instant: true},
	} {
		if len(recorded.wrong(q, nil)) == 0 {
			t.Errorf("%s passes: %s", name, q.Expr)
		}
	}
}

func boards(t *testing.T) map[string]board {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(grafana, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	found := map[string]board{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var b board
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatal(file, err)
		}
		b.text = string(text)
		found[filepath.Base(file)] = b
	}
	return found
}

// columns are the labels that a table gives a heading to.
func columns(p panel) []string {
	var labels []string
	for _, transformation := range p.Transformations {
		for _, field := range slices.Sorted(maps.Keys(transformation.Options.RenameByName)) {
			if !strings.HasPrefix(field, "Value") {
				labels = append(labels, field)
			}
		}
	}
	return labels
}
