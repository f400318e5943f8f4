// Package dashboards makes the Grafana dashboards of k8s/components/grafana.
package dashboards

import (
	"encoding/json"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Files are the dashboards as Grafana imports them, by file name.
func Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for name, build := range map[string]func() (dashboard.Dashboard, error){
		"plaintext.json": Plaintext, "migration.json": Migration, "health.json": Health,
	} {
		built, err := build()
		if err != nil {
			return nil, err
		}
		for i := range built.Panels {
			if panel := built.Panels[i].Panel; panel != nil {
				panel.Id = ptr(uint32(i + 1))
			} else {
				built.Panels[i].RowPanel.Id = uint32(i + 1)
			}
		}
		text, err := json.MarshalIndent(built, "", "  ")
		if err != nil {
			return nil, err
		}
		files[name] = append(text, '\n')
	}
	return files, nil
}

func ptr[T any](value T) *T { return &value }
