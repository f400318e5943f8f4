package checks

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const krewManifest = "../krew/mtls.yaml"

// By Krew's own check of what comes into its index; addresses and sums are those of a release, so nothing is fetched.
func TestKrewTakesTheManifest(t *testing.T) {
	out, err := exec.Command("go", "tool", "validate-krew-manifest", "-manifest", krewManifest, "-skip-install").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// Krew unpacks an archive as a release makes it and links to the plugin, which finds its program through that link.
func TestKrewInstallsThePlugin(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the manifest names Linux alone")
	}
	folder := t.TempDir()
	archive := filepath.Join(folder, "plugin.tar.gz")
	sum := pack(t, archive, map[string]string{
		"kubectl-mtls":   read(t, "../../src/main/cli/kubectl-mtls"),
		"mtls-migration": "#!/bin/sh\necho \"$MTLS_MIGRATION_COMMAND: $*\"\n",
	})
	manifest := filepath.Join(folder, "mtls.yaml")
	text := strings.ReplaceAll(read(t, krewManifest), strings.Repeat("0", 64), sum)
	if err := os.WriteFile(manifest, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	install := exec.Command("go", "tool", "krew", "install", "--manifest", manifest, "--archive", archive)
	install.Env = append(os.Environ(), "KREW_ROOT="+folder, "KREW_NO_UPGRADE_CHECK=1")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	said, err := exec.Command(filepath.Join(folder, "bin", "kubectl-mtls"), "status", "q4").CombinedOutput()
	if err != nil || string(said) != "kubectl mtls: status q4\n" {
		t.Errorf("%v, it says %q", err, said)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pack writes executable files, and returns the archive's SHA-256.
func pack(t *testing.T, archive string, files map[string]string) string {
	t.Helper()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	writer := tar.NewWriter(zip)
	for name, text := range files {
		header := &tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(text))}
		if err := writer.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, closer := range []interface{ Close() error }{writer, zip} {
		if err := closer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(archive, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(packed.Bytes())
	return hex.EncodeToString(sum[:])
}
