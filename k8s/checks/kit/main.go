// Command kit packs what a release installs: kit VERSION IMAGE FOLDER writes FOLDER/install.yaml and
// FOLDER/mtls-migration-VERSION.tgz, the chart, both naming IMAGE. It runs in k8s/checks, and the same commit gives the same bytes.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	if err := pack(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func pack(version, image, folder string) error {
	install, err := Install("../overlays/single", version, image)
	if err != nil {
		return err
	}
	archive, err := Chart("../chart", version, image)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "install.yaml"), install, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "mtls-migration-"+version+".tgz"), archive, 0o644)
}

// Install is all objects of an overlay, for kubectl apply --server-side -f.
func Install(overlay, version, image string) ([]byte, error) {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), overlay)
	if err != nil {
		return nil, err
	}
	text, err := built.AsYaml()
	if err != nil {
		return nil, err
	}
	return replaced(text, "image: mtls-migration:"+version+"\n", "image: "+image+"\n")
}

// Chart is what helm package would make, without the moment at which it was made.
func Chart(path, version, image string) ([]byte, error) {
	loaded, err := loader.Load(path)
	if err != nil {
		return nil, err
	}
	if loaded.Metadata.Version != version || loaded.Metadata.AppVersion != version {
		return nil, fmt.Errorf("the chart is %s of %s, and not %s", loaded.Metadata.Version, loaded.Metadata.AppVersion, version)
	}
	files := slices.SortedFunc(slices.Values(loaded.Raw), func(a, b *chart.File) int { return strings.Compare(a.Name, b.Name) })
	var archive bytes.Buffer
	compressed := gzip.NewWriter(&archive)
	packed := tar.NewWriter(compressed)
	for _, file := range files {
		data := file.Data
		if file.Name == "values.yaml" {
			if data, err = named(data, image); err != nil {
				return nil, err
			}
		}
		header := &tar.Header{Name: loaded.Name() + "/" + file.Name, Mode: 0o644, Size: int64(len(data)), Format: tar.FormatPAX}
		if err := packed.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := packed.Write(data); err != nil {
			return nil, err
		}
	}
	if err := packed.Close(); err != nil {
		return nil, err
	}
	err = compressed.Close()
	return archive.Bytes(), err
}

// named has the chart's defaults name an image: its repository, and its digest when there is one. The tag is the chart's own.
func named(values []byte, image string) ([]byte, error) {
	reference, digest, _ := strings.Cut(image, "@")
	repository := reference
	if colon := strings.LastIndex(reference, ":"); colon > strings.LastIndex(reference, "/") {
		repository = reference[:colon]
	}
	values, err := replaced(values, "  repository: mtls-migration\n", "  repository: "+repository+"\n")
	if err != nil || digest == "" {
		return values, err
	}
	return replaced(values, "  digest: \"\"\n", "  digest: "+digest+"\n")
}

func replaced(text []byte, from, to string) ([]byte, error) {
	if found := strings.Count(string(text), from); found != 1 {
		return nil, fmt.Errorf("%d places say %q, and not one", found, strings.TrimSpace(from))
	}
	return []byte(strings.Replace(string(text), from, to, 1)), nil
}
