{{/* The name that everything of the release has. */}}
{{- define "student-registration.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Labels by which pods are selected. Takes (list $ component). */}}
{{- define "student-registration.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* All labels. Takes (list $ component). */}}
{{- define "student-registration.labels" -}}
{{- $root := index . 0 -}}
{{ include "student-registration.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "student-registration.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "student-registration.serviceAccount" -}}
{{- $own := .Values.serviceAccount.create | ternary (include "student-registration.fullname" .) "default" -}}
{{- .Values.serviceAccount.name | default $own -}}
{{- end -}}

{{/* What every pod of the release is not allowed to do. */}}
{{- define "student-registration.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The image, and what every container is not allowed to do. */}}
{{- define "student-registration.container" -}}
image: {{ include "student-registration.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
resources:
  {{- toYaml .Values.resources | nindent 2 }}
{{- end -}}

{{/* A variable out of the Secret. Takes (list $ variable key). */}}
{{- define "student-registration.secretVariable" -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef:
      name: {{ (index . 0).Values.existingSecret.name }}
      key: {{ index . 2 }}
{{- end -}}

{{/* The options of the service, but for those with secrets: a map as YAML. */}}
{{- define "student-registration.config" -}}
{{- $config := dict
      "LISTEN_ADDR" "0.0.0.0:5000"
      "ADMIN_LISTEN_ADDR" "0.0.0.0:8000"
      "NO_PUBLIC_METRICS" "true"
      "NO_MIGRATE" (.Values.embedded.enabled | ternary "false" "true")
      "TRUSTED_PROXIES" (.Values.ingress.enabled | ternary "1" "0") -}}
{{- with .Values.telemetry.endpoint -}}
{{- $_ := set $config "OTEL_EXPORTER_OTLP_ENDPOINT" . -}}
{{- end -}}
{{- if and .Values.ingress.enabled .Values.ingress.tls -}}
{{- $_ := set $config "PUBLIC_URL" (printf "https://%s%s" (first .Values.ingress.hosts) (get .Values.config "BASE_PATH")) -}}
{{- end -}}
{{- range $name, $value := .Values.config -}}
{{- $_ := set $config $name (toString $value) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* OTEL_RESOURCE_ATTRIBUTES; values percent-encoded, the pod's own names filled in by Kubernetes. */}}
{{- define "student-registration.resource" -}}
{{- $telemetry := .Values.telemetry -}}
deployment.environment.name={{ $telemetry.environment }},service.instance.id=$(POD_NAME),k8s.pod.name=$(POD_NAME),k8s.namespace.name=$(POD_NAMESPACE),k8s.node.name=$(NODE_NAME)
{{- range $name, $value := $telemetry.resourceAttributes -}}
,{{ $name }}={{ $value | urlquery | replace "+" "%20" }}
{{- end -}}
{{- end -}}

{{/* Seconds from SIGTERM to SIGKILL: what SHUTDOWN_DELAY and SHUTDOWN_TIMEOUT allow, five seconds for
     telemetry, five to spare. */}}
{{- define "student-registration.gracePeriod" -}}
{{- $config := include "student-registration.config" . | fromYaml -}}
{{- $delay := get $config "SHUTDOWN_DELAY" | default "0" | float64 | ceil -}}
{{- $timeout := get $config "SHUTDOWN_TIMEOUT" | default "30" | float64 | ceil -}}
{{- add $delay $timeout 10 -}}
{{- end -}}

{{/* One rule of egress. Takes {to, ports}. */}}
{{- define "student-registration.egress" -}}
- ports:
    {{- range .ports }}
    - port: {{ . }}
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
