{{/*
The objects of a file in manifests/, in the namespaces of this release, as a map with one key, items.
Everything that knows where the service or istiod is names it in one of these ways; k8s/checks fails when another way
comes up.
*/}}
{{- define "mtls-migration.read" -}}
{{- $text := .root.Files.Get .file -}}
{{- if not $text }}{{ fail (printf "%s is not in the chart" .file) }}{{ end -}}
{{- $own := .root.Release.Namespace -}}
{{- $text = $text | replace "kubernetes.io/metadata.name: mtls-migration" (printf "kubernetes.io/metadata.name: %s" $own) -}}
{{- $text = $text | replace "system:serviceaccount:mtls-migration:" (printf "system:serviceaccount:%s:" $own) -}}
{{- $items := list -}}
{{- range regexSplit "(?m)^---\\s*$" $text -1 -}}
  {{- $object := fromYaml . -}}
  {{- if hasKey $object "kind" -}}
    {{- $_ := include "mtls-migration.place" (dict "root" $.root "object" $object) -}}
    {{- $items = append $items $object -}}
  {{- end -}}
{{- end -}}
{{- toYaml (dict "items" $items) -}}
{{- end -}}

{{/* Puts an object, and the accounts that it binds, where this release has them, and labels it. */}}
{{- define "mtls-migration.place" -}}
{{- $metadata := .object.metadata -}}
{{- $places := dict "mtls-migration" .root.Release.Namespace "istio-system" .root.Values.istio.namespace -}}
{{- with $metadata.namespace }}{{ $_ := set $metadata "namespace" (get $places . | default .) }}{{ end -}}
{{- range .object.subjects }}{{ $_ := set . "namespace" (get $places .namespace | default .namespace) }}{{ end -}}
{{- if eq .object.kind "Namespace" }}{{ $_ := set $metadata "name" .root.Release.Namespace }}{{ end -}}
{{- $labels := $metadata.labels | default dict -}}
{{- $_ := set $labels "app.kubernetes.io/managed-by" .root.Release.Service -}}
{{- $_ := set $labels "helm.sh/chart" (printf "%s-%s" .root.Chart.Name (.root.Chart.Version | replace "+" "_")) -}}
{{- $_ := set $metadata "labels" $labels -}}
{{- end -}}

{{/* What values say about the Deployment. */}}
{{- define "mtls-migration.deployment" -}}
{{- $values := .root.Values -}}
{{- $_ := set .object.spec "replicas" (int $values.replicas) -}}
{{- $template := .object.spec.template -}}
{{- $_ := set $template.metadata "labels" (merge $template.metadata.labels ($values.podLabels | default dict)) -}}
{{- $_ := set $template.metadata "annotations" (merge (deepCopy ($values.podAnnotations | default dict)) $template.metadata.annotations) -}}
{{- $pod := $template.spec -}}
{{- $_ := set $pod "securityContext" $values.podSecurityContext -}}
{{- range $key := list "nodeSelector" "tolerations" "affinity" "priorityClassName" "imagePullSecrets" -}}
  {{- with get $values $key }}{{ $_ := set $pod $key . }}{{ end -}}
{{- end -}}
{{- $container := first $pod.containers -}}
{{- $version := printf ":%s" ($values.image.tag | default .root.Chart.AppVersion) -}}
{{- with $values.image.digest }}{{ $version = printf "@%s" . }}{{ end -}}
{{- $_ := set $container "image" (print $values.image.repository $version) -}}
{{- $_ := set $container "imagePullPolicy" $values.image.pullPolicy -}}
{{- $_ := set $container "resources" $values.resources -}}
{{- $env := list -}}
{{- range $container.env -}}
  {{- if ne .name "MTLS_MIGRATION_PROMETHEUS_URL" }}{{ $env = append $env . }}
  {{- else if $values.prometheus.url }}{{ $env = append $env (dict "name" .name "value" $values.prometheus.url) }}{{ end -}}
{{- end -}}
{{- if ne $values.istio.namespace "istio-system" -}}
  {{- $env = append $env (dict "name" "MTLS_MIGRATION_ISTIOD_NAMESPACE" "value" $values.istio.namespace) -}}
{{- end -}}
{{- if $values.probeAgents.enabled -}}
  {{- $env = append $env (dict "name" "MTLS_MIGRATION_PROBES_AGENTS" "value" "missing") -}}
  {{- if not (hasKey $values.podSecurityContext "runAsUser") -}}
    {{- $env = append $env (dict "name" "MTLS_MIGRATION_PROBES_AGENT_USER" "value" "") -}}
  {{- end -}}
{{- end -}}
{{- if $values.exec.ephemeralContainers -}}
  {{- $env = append $env (dict "name" "MTLS_MIGRATION_WIRE_EPHEMERAL_IMAGE" "value" $values.exec.ephemeralImage) -}}
{{- end -}}
{{- /* A name that comes twice is lost in a later upgrade: Kubernetes merges these lists by name. */ -}}
{{- $given := list -}}
{{- range $values.env -}}
  {{- if has .name $given }}{{ fail (printf "env names %s twice" .name) }}{{ end -}}
  {{- $given = append $given .name -}}
{{- end -}}
{{- $others := list -}}
{{- range $env }}{{ if not (has .name $given) }}{{ $others = append $others . }}{{ end }}{{ end -}}
{{- $_ := set $container "env" (concat $others ($values.env | default list)) -}}
{{- $_ := set $container "volumeMounts" (concat $container.volumeMounts ($values.volumeMounts | default list)) -}}
{{- $_ := set $pod "volumes" (concat $pod.volumes ($values.volumes | default list)) -}}
{{- end -}}

{{/* The image that an admission policy names, where it names one. */}}
{{- define "mtls-migration.policy" -}}
{{- range .object.spec.variables -}}
  {{- if eq .name "image" }}{{ $_ := set . "expression" (printf "'%s'" $.root.Values.exec.ephemeralImage) }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* What values say about the NetworkPolicy: which namespaces Prometheus may run in, where DNS answers, and where else it may call. */}}
{{- define "mtls-migration.networkPolicy" -}}
{{- $values := .root.Values.networkPolicy -}}
{{- range concat .object.spec.ingress .object.spec.egress -}}
  {{- range concat (.from | default list) (.to | default list) -}}
    {{- range dig "namespaceSelector" "matchExpressions" list . }}{{ $_ := set . "values" $values.prometheusNamespaces }}{{ end -}}
  {{- end -}}
{{- end -}}
{{- range $rule := .object.spec.egress -}}
  {{- $to := list -}}
  {{- range $rule.to }}{{ if not (hasKey . "ipBlock") }}{{ $to = append $to . }}{{ end }}{{ end -}}
  {{- if lt (len $to) (len ($rule.to | default list)) -}}
    {{- range $values.dnsAddresses }}{{ $to = append $to (dict "ipBlock" (dict "cidr" .)) }}{{ end -}}
    {{- $_ := set $rule "to" $to -}}
  {{- end -}}
{{- end -}}
{{- $_ := set .object.spec "egress" (concat .object.spec.egress ($values.extraEgress | default list)) -}}
{{- end -}}
