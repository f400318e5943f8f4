package checks

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
)

// refused is what OpenShift's SCC restricted-v2 does not let through, which it checks for each pod of an account that may use no other one.
// What a pod leaves out it fills in: the user and the group of files from the namespace's range, and seccomp.
func refused(pod core.PodSpec) []string {
	var found []string
	wrong := func(is bool, what string) {
		if is {
			found = append(found, what)
		}
	}
	context := core.PodSecurityContext{}
	if pod.SecurityContext != nil {
		context = *pod.SecurityContext
	}
	wrong(context.RunAsUser != nil, "a user")
	wrong(context.RunAsGroup != nil, "a group")
	wrong(context.FSGroup != nil, "a group of files")
	wrong(context.SELinuxOptions != nil, "a label of SELinux")
	wrong(len(context.Sysctls) > 0, "sysctls")
	wrong(pod.HostNetwork || pod.HostPID || pod.HostIPC, "namespaces of the host")
	seccomp := context.SeccompProfile
	wrong(seccomp != nil && seccomp.Type != core.SeccompProfileTypeRuntimeDefault, "another profile of seccomp")
	for _, volume := range pod.Volumes {
		source := volume.VolumeSource
		known := source.ConfigMap != nil || source.CSI != nil || source.DownwardAPI != nil || source.EmptyDir != nil || source.Ephemeral != nil ||
			source.PersistentVolumeClaim != nil || source.Projected != nil || source.Secret != nil
		wrong(!known, "the volume "+volume.Name)
	}
	for _, container := range append(append([]core.Container{}, pod.InitContainers...), pod.Containers...) {
		own := core.SecurityContext{}
		if container.SecurityContext != nil {
			own = *container.SecurityContext
		}
		name := " of " + container.Name
		wrong(own.Privileged != nil && *own.Privileged, "privilege"+name)
		wrong(own.AllowPrivilegeEscalation == nil || *own.AllowPrivilegeEscalation, "more privileges"+name)
		wrong(own.RunAsUser != nil || own.RunAsGroup != nil || own.SELinuxOptions != nil, "a user"+name)
		wrong(own.SeccompProfile != nil && own.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault, "seccomp"+name)
		wrong(own.Capabilities == nil || len(own.Capabilities.Drop) != 1 || own.Capabilities.Drop[0] != "ALL", "capabilities that are not dropped"+name)
		if own.Capabilities != nil {
			for _, added := range own.Capabilities.Add {
				wrong(added != "NET_BIND_SERVICE", "the capability "+string(added)+name)
			}
		}
		for _, port := range container.Ports {
			wrong(port.HostPort != 0, "a port of the host"+name)
		}
	}
	return found
}

func pods(t *testing.T, all objects) map[string]core.PodSpec {
	t.Helper()
	found := map[string]core.PodSpec{}
	for key, object := range all {
		kind, _, _ := strings.Cut(key, "/")
		switch kind {
		case "Deployment":
			var deployment apps.Deployment
			text, err := json.Marshal(object)
			if err == nil {
				err = json.Unmarshal(text, &deployment)
			}
			if err != nil {
				t.Fatal(err)
			}
			found[key] = deployment.Spec.Template.Spec
		case "Pod", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob":
			t.Errorf("%s runs pods that nobody looks at here", key)
		}
	}
	if len(found) == 0 {
		t.Error("nothing runs")
	}
	return found
}

// By the values and by the patch that docs/deployment.md names; the manifests as they are name a user, and nothing else of it.
func TestOpenShiftRefusesNothing(t *testing.T) {
	page, err := os.ReadFile("../../docs/deployment.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## OpenShift\n")
	section, _, _ = strings.Cut(section, "\n## ")
	values := regexp.MustCompile("`(podSecurityContext: {.*?})`").FindStringSubmatch(section)
	patch := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(section)
	everything := "exec: {everywhere: true, ephemeralContainers: true, ephemeralImage: tcpdump}, probeAgents: {enabled: true}, grafana: {dashboards: true}, monitoring: {alerts: true, podMonitor: true}"
	for name, all := range map[string]objects{
		"the patch":                   kustomized(t, overlay(t, patch[1])),
		"the values":                  helm(t, "mesh-tools", "{"+values[1]+"}"),
		"the values, with everything": helm(t, "mesh-tools", "{"+values[1]+", "+everything+"}"),
	} {
		for key, pod := range pods(t, all) {
			if what := refused(pod); what != nil {
				t.Errorf("%s: %s asks for %v", name, key, what)
			}
		}
	}
	for _, all := range []objects{kustomized(t, "../overlays/single"), kustomized(t, "../overlays/replicas"), kustomized(t, "../../src/test/resources/e2e/everything"), helm(t, "mesh-tools", "{"+everything+"}")} {
		for key, pod := range pods(t, all) {
			if what := strings.Join(refused(pod), ", "); what != "a user, a group, a group of files" {
				t.Errorf("%s asks for %q", key, what)
			}
		}
	}
}

// Agents are pods as well, which the service makes: they name no user where the service's pod does not.
func TestOpenShiftChoosesTheUserOfAgents(t *testing.T) {
	user := "name: MTLS_MIGRATION_PROBES_AGENT_USER\n          value: \"\"\n"
	for values, expected := range map[string]bool{
		"{probeAgents: {enabled: true}}":                                        false,
		"{podSecurityContext: {runAsUser: null}}":                               false,
		"{podSecurityContext: {runAsUser: null}, probeAgents: {enabled: true}}": true,
	} {
		deployment := text(t, helm(t, "mtls-migration", values)["Deployment/mtls-migration/mtls-migration"])
		if strings.Contains(deployment, user) != expected {
			t.Errorf("%s:\n%s", values, deployment)
		}
	}
}

// What is refused is seen.
func TestSeesWhatOpenShiftRefuses(t *testing.T) {
	for _, spoil := range []func(pod *core.PodSpec){
		func(pod *core.PodSpec) { pod.HostNetwork = true },
		func(pod *core.PodSpec) {
			pod.Volumes[0].VolumeSource = core.VolumeSource{HostPath: &core.HostPathVolumeSource{Path: "/"}}
		},
		func(pod *core.PodSpec) {
			pod.Containers[0].SecurityContext.Capabilities.Add = []core.Capability{"NET_RAW"}
		},
		func(pod *core.PodSpec) { pod.Containers[0].SecurityContext.Capabilities = nil },
		func(pod *core.PodSpec) { pod.Containers[0].SecurityContext.AllowPrivilegeEscalation = nil },
		func(pod *core.PodSpec) { pod.Containers[0].Ports[0].HostPort = 80 },
		func(pod *core.PodSpec) { pod.SecurityContext.SeccompProfile.Type = core.SeccompProfileTypeUnconfined },
	} {
		pod := pods(t, helm(t, "any", "{podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}}"))["Deployment/any/mtls-migration"]
		spoil(&pod)
		if len(refused(pod)) != 1 {
			t.Errorf("%v is refused of %+v", refused(pod), pod)
		}
	}
}
