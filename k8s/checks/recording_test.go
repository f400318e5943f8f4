package checks

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"
)

const (
	scrape  = 15 * time.Second
	samples = 39
	// A minute later there are rates.
	begin = time.Minute
	end   = samples * scrape
)

// series are recorded of a real mesh: see testdata/README.md.
type series struct {
	storage   storage.Storage
	engine    *promql.Engine
	catalogue map[string]map[string][]string
}

func recording(t *testing.T) series {
	t.Helper()
	script := unzipped(t, "testdata/mesh.txt.gz") + ztunnel(t)
	return series{promqltest.LoadedStorage(t, script), promqltest.NewTestEngine(t, false, 0, 1_000_000), catalogue(t)}
}

// ztunnel is a scrape of a real one, which ambient's own tests read too, as if its calls had come evenly over time.
func ztunnel(t *testing.T) string {
	line := regexp.MustCompile(`^(istio_tcp_\w+\{.*)\} ([0-9.]+)$`)
	script := "\nload 15s\n"
	for sample := range strings.Lines(unzipped(t, "../../src/test/resources/ambient/metrics-mesh.txt.gz")) {
		if part := line.FindStringSubmatch(strings.TrimSpace(sample)); part != nil {
			total, err := strconv.ParseFloat(part[2], 64)
			if err != nil {
				t.Fatal(err)
			}
			script += fmt.Sprintf("  %s,instance=\"ztunnel:15020\",job=\"ztunnel\",namespace=\"istio-system\",pod=\"ztunnel\"} 0+%gx%d\n", part[1], total/samples, samples)
		}
	}
	return script
}

func unzipped(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// filled is an expression with all values of each variable of Grafana.
func filled(expression string) string {
	return strings.NewReplacer("$__rate_interval", "1m", "$__range", "5m",
		"$cluster", ".*", "$namespace", ".*", "$plan", ".*").Replace(expression)
}

// wrong is what is wrong with a query: what it names is not there, or nothing that can be shown comes of it.
func (s series) wrong(q target, columns []string) []string {
	text := filled(q.Expr)
	if strings.Contains(text, "$") {
		return []string{"has a variable that is not known"}
	}
	expression, err := parser.NewParser(parser.Options{}).ParseExpr(text)
	if err != nil {
		return []string{err.Error()}
	}
	wrong := s.unknown(expression)
	result, err := s.run(text, q.Instant)
	if err != nil {
		return append(wrong, err.Error())
	}
	if len(result) == 0 {
		return append(wrong, "is empty")
	}
	for _, match := range regexp.MustCompile(`\{\{\s*(\w+)\s*}}`).FindAllStringSubmatch(q.LegendFormat, -1) {
		columns = append(columns, match[1])
	}
	for _, label := range columns {
		for _, one := range result {
			if one.Get(label) == "" {
				wrong = append(wrong, fmt.Sprintf("shows the label %s, which %s has not", label, one))
				break
			}
		}
	}
	return wrong
}

func (s series) wrongVariable(v variable) []string {
	part := regexp.MustCompile(`^label_values\((.+), (\w+)\)$`).FindStringSubmatch(v.Definition)
	if part == nil {
		return []string{v.Definition + " is no list of values"}
	}
	expression, err := parser.NewParser(parser.Options{}).ParseExpr(part[1])
	if err != nil {
		return []string{err.Error()}
	}
	wrong := s.unknown(expression)
	if !s.labels(expression)[part[2]] && part[2] != "cluster" {
		wrong = append(wrong, "no label "+part[2])
	}
	return wrong
}

// unknown names selectors that select nothing, and labels in groupings that nothing beneath has.
func (s series) unknown(expression parser.Expr) []string {
	var wrong []string
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		switch node := node.(type) {
		case *parser.VectorSelector:
			if len(s.selected(node)) == 0 {
				wrong = append(wrong, fmt.Sprintf("%s is exported by nobody", node))
			}
		case *parser.AggregateExpr:
			wrong = append(wrong, s.missing(node.Grouping, node.Expr)...)
		case *parser.BinaryExpr:
			if node.VectorMatching != nil && node.VectorMatching.On {
				wrong = append(wrong, s.missing(node.VectorMatching.MatchingLabels, node.LHS)...)
			}
		}
		return nil
	})
	return wrong
}

// missing are labels that nothing in an expression has. Of several clusters Prometheus says by `cluster` which.
func (s series) missing(grouping []string, expression parser.Expr) []string {
	var wrong []string
	known := s.labels(expression)
	for _, label := range grouping {
		if !known[label] && label != "cluster" {
			wrong = append(wrong, fmt.Sprintf("nothing in %s has a label %s", expression, label))
		}
	}
	return wrong
}

func (s series) labels(expression parser.Expr) map[string]bool {
	known := map[string]bool{}
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			maps.Copy(known, s.selected(selector))
		}
		return nil
	})
	return known
}

// selected are the labels of all that a selector selects, at whatever time. Not each value that a label of ours can have
// came up while it was recorded: what docs/metrics.md lists, which is written from the service's catalogue, need not.
func (s series) selected(selector *parser.VectorSelector) map[string]bool {
	if found := s.matched(selector.LabelMatchers); len(found) > 0 {
		return found
	}
	return s.matched(slices.DeleteFunc(slices.Clone(selector.LabelMatchers), func(matcher *labels.Matcher) bool {
		values := s.catalogue[selector.Name][matcher.Name]
		return len(values) > 0 && !slices.ContainsFunc(strings.Split(matcher.Value, "|"), func(value string) bool {
			return !slices.Contains(values, value)
		})
	}))
}

func (s series) matched(matchers []*labels.Matcher) map[string]bool {
	querier, err := s.storage.Querier(0, end.Milliseconds())
	if err != nil {
		panic(err)
	}
	defer querier.Close()
	known := map[string]bool{}
	set := querier.Select(context.Background(), false, nil, matchers...)
	for set.Next() {
		set.At().Labels().Range(func(label labels.Label) { known[label.Name] = true })
	}
	return known
}

// catalogue are the values of labels by metric and label, where docs/metrics.md lists them.
func catalogue(t *testing.T) map[string]map[string][]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| `(mtls_\\w+)` \\| (`.+`) \\|$").FindAllStringSubmatch(string(page), -1) {
		for _, name := range []string{row[2], row[2] + "_count", row[2] + "_sum", row[2] + "_max"} {
			if found[name] == nil {
				found[name] = map[string][]string{}
			}
			for _, value := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[3], -1) {
				found[name][row[1]] = append(found[name][row[1]], value[1])
			}
		}
	}
	if len(found) == 0 {
		t.Fatal("docs/metrics.md lists nothing any more")
	}
	return found
}

// run gives the labels of what can be drawn: series with a finite value.
func (s series) run(text string, instant bool) ([]labels.Labels, error) {
	from := begin
	if instant {
		from = end
	}
	ctx := context.Background()
	query, err := s.engine.NewRangeQuery(ctx, s.storage, nil, text, time.Unix(0, 0).Add(from), time.Unix(0, 0).Add(end), scrape)
	if err != nil {
		return nil, err
	}
	defer query.Close()
	result := query.Exec(ctx)
	matrix, err := result.Matrix()
	if err != nil {
		return nil, err
	}
	var found []labels.Labels
	for _, one := range matrix {
		if slices.ContainsFunc(one.Floats, func(p promql.FPoint) bool { return !math.IsNaN(p.F) && !math.IsInf(p.F, 0) }) {
			found = append(found, one.Metric.Copy())
		}
	}
	return found, nil
}
