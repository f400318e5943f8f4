package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Units as Grafana calls them.
const (
	short    = "short"
	perSec   = "reqps"
	bytesSec = "Bps"
	bytes    = "bytes"
	seconds  = "s"
	share    = "percentunit"
)

// Tag finds our dashboards: each links to the others by it.
const Tag = "mtls-migration"

// source is the data source that a person chooses in the dashboard.
var source = common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}

// query is a target of a panel: its expression, and what a series of its result is called.
type query struct {
	expr, legend string
}

// words are a panel's title and description: the linter of Grafana asks for both.
type words struct {
	title, description string
}

func (q query) ranged() cog.Builder[variants.Dataquery] {
	return prometheus.NewDataqueryBuilder().Expr(q.expr).LegendFormat(q.legend).Range().
		Format(prometheus.PromQueryFormatTimeSeries)
}

func (q query) now(format prometheus.PromQueryFormat) cog.Builder[variants.Dataquery] {
	return prometheus.NewDataqueryBuilder().Expr(q.expr).LegendFormat(q.legend).Instant().Format(format)
}

// open is a dashboard with the variables that each of ours has.
func open(uid, title, description, from string, variables ...cog.Builder[dashboard.VariableModel]) *dashboard.DashboardBuilder {
	builder := dashboard.NewDashboardBuilder(title).
		Uid(uid).Description(description).Tags([]string{Tag, "istio", "security"}).
		Readonly().Time(from, "now").Refresh("30s").Timezone(common.TimeZoneBrowser).
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Link(dashboard.NewDashboardLinkBuilder("mTLS migration").Type(dashboard.DashboardLinkTypeDashboards).
			Tags([]string{Tag}).IncludeVars(false).KeepTime(true)).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").Type("prometheus"))
	for _, variable := range variables {
		builder.WithVariable(variable)
	}
	return builder
}

// variable offers the values of a label. All of them is ".*", which is also right where the label is missing, as
// `cluster` is with a single Prometheus.
func variable(name, label, metric, of string) cog.Builder[dashboard.VariableModel] {
	definition := fmt.Sprintf("label_values(%s, %s)", metric, of)
	return dashboard.NewQueryVariableBuilder(name).Label(label).Datasource(source).
		Query(dashboard.StringOrMap{Map: map[string]any{"query": definition, "refId": name}}).Definition(definition).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc).
		Multi(true).IncludeAll(true).AllValue(".*").
		Current(dashboard.VariableOption{
			Selected: cog.ToPtr(true),
			Text:     dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
			Value:    dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
		})
}

func steps(colours ...any) cog.Builder[dashboard.ThresholdsConfig] {
	thresholds := []dashboard.Threshold{{Color: colours[0].(string)}}
	for i := 1; i+1 < len(colours); i += 2 {
		thresholds = append(thresholds, dashboard.Threshold{Value: cog.ToPtr(colours[i].(float64)), Color: colours[i+1].(string)})
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(thresholds)
}

func last() cog.Builder[common.ReduceDataOptions] {
	return common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})
}

// number is one value of now, four columns wide.
func number(w words, unit string, q query, colours cog.Builder[dashboard.ThresholdsConfig]) *stat.PanelBuilder {
	return stat.NewPanelBuilder().Title(w.title).Description(w.description).Datasource(source).
		Span(4).Height(4).Unit(unit).Thresholds(colours).ReduceOptions(last()).
		Orientation(common.VizOrientationAuto).ColorMode(common.BigValueColorModeValue).GraphMode(common.BigValueGraphModeArea).WithTarget(q.ranged())
}

// lines is a course over time, half a row wide.
func lines(w words, unit string, queries ...query) *timeseries.PanelBuilder {
	panel := timeseries.NewPanelBuilder().Title(w.title).Description(w.description).Datasource(source).
		Span(12).Height(8).Unit(unit).Min(0).LineWidth(1).FillOpacity(10).ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().ShowLegend(true).DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	for _, q := range queries {
		panel.WithTarget(q.ranged())
	}
	return panel
}

// stacked is a course of parts that add up.
func stacked(w words, unit string, queries ...query) *timeseries.PanelBuilder {
	return lines(w, unit, queries...).FillOpacity(60).
		Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal).Group("A"))
}

// heat is a row for each series, darker where its value is larger.
func heat(w words, unit string, q query) *heatmap.PanelBuilder {
	return heatmap.NewPanelBuilder().Title(w.title).Description(w.description).Datasource(source).
		Span(12).Height(8).Unit(unit).MaxDataPoints(100).Calculate(false).
		CellValues(heatmap.NewCellValuesBuilder().Unit(unit)).
		Color(heatmap.NewHeatmapColorOptionsBuilder().Mode(heatmap.HeatmapColorModeScheme).Scheme("Oranges").
			Fill("dark-orange").Steps(64).Scale(heatmap.HeatmapColorScaleExponential).Exponent(0.5)).
		Tooltip(heatmap.NewHeatmapTooltipBuilder().Mode(common.TooltipDisplayModeSingle)).
		ShowLegend().WithTarget(q.ranged())
}

// bars is a value of now for each series.
func bars(w words, unit string, q query) *bargauge.PanelBuilder {
	return bargauge.NewPanelBuilder().Title(w.title).Description(w.description).Datasource(source).
		Span(12).Height(8).Unit(unit).Min(0).Orientation(common.VizOrientationHorizontal).
		Thresholds(steps("blue")).DisplayMode(common.BarGaugeDisplayModeBasic).ReduceOptions(last()).WithTarget(q.now(prometheus.PromQueryFormatTimeSeries))
}

// states is a strip for each series, whose colour says its value.
func states(w words, q query, colours cog.Builder[dashboard.ThresholdsConfig]) *statetimeline.PanelBuilder {
	return statetimeline.NewPanelBuilder().Title(w.title).Description(w.description).Datasource(source).
		Span(12).Height(8).Thresholds(colours).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeSingle).Sort(common.SortOrderNone)).
		ShowValue(common.VisibilityModeNever).WithTarget(q.ranged())
}

// column of a table: the field that a query gives, and its heading.
type column struct {
	field, heading string
}

// rows is a table with a row for each set of labels, and a column of values for each query.
func rows(w words, unit string, columns []column, queries ...query) *table.PanelBuilder {
	order, names := map[string]any{}, map[string]any{}
	for i, c := range columns {
		order[c.field], names[c.field] = i, c.heading
	}
	panel := table.NewPanelBuilder().Title(w.title).Description(w.description).Datasource(source).
		Span(24).Height(10).Unit(unit).Decimals(0).Filterable(true).
		WithTransformation(dashboard.DataTransformerConfig{Id: "merge", Options: map[string]any{}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
			"excludeByName": map[string]any{"Time": true}, "indexByName": order, "renameByName": names,
		}})
	for _, q := range queries {
		panel.WithTarget(q.now(prometheus.PromQueryFormatTable))
	}
	return panel
}
