{{- define "gpumem.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- /* Room is left for the longest suffix, -webhook-self-signed. */ -}}
{{- define "gpumem.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "gpumem.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "gpumem.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* The labels of a component: (list . "webhook"). Selectors are immutable, so they get the first three only. */ -}}
{{- define "gpumem.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "gpumem.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "gpumem.labels" -}}
{{- $root := index . 0 -}}
{{ include "gpumem.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "gpumem.podAnnotations" -}}
{{- $annotations := deepCopy .Values.podAnnotations -}}
{{- if .Values.metrics.annotations -}}
{{- $annotations = merge $annotations (dict "prometheus.io/scrape" "true" "prometheus.io/port" "8081" "prometheus.io/path" "/metrics") -}}
{{- end -}}
{{- with $annotations }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{- define "gpumem.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- /* What the pods of both Deployments have in common: (list . "webhook"). */ -}}
{{- define "gpumem.podSpec" -}}
{{- $root := index . 0 -}}
{{- $values := $root.Values -}}
serviceAccountName: {{ include "gpumem.fullname" $root }}-{{ index . 1 }}
automountServiceAccountToken: true
{{- with $values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
topologySpreadConstraints:
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- topologyKey: {{ . }}
  maxSkew: 1
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "gpumem.selectorLabels" $ | nindent 6 }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- if and (eq (index . 1) "webhook") $values.webhook.certificates.certManager.enabled }}
- name: certificate
  secret: {secretName: {{ include "gpumem.fullname" $root }}-webhook-tls}
{{- end }}
{{- if and (eq (index . 1) "webhook") $values.webhook.certificates.clients.caConfigMap }}
- name: client-ca
  configMap: {name: {{ $values.webhook.certificates.clients.caConfigMap }}}
{{- end }}
{{- end -}}

{{- /* What all containers have in common: (list . "webhook"). Everything else is derived from the name and the namespace. */ -}}
{{- define "gpumem.shortContainer" -}}
{{- $root := index . 0 -}}
image: {{ include "gpumem.image" $root }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
env:
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: POD_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
- name: DOTNET_EnableDiagnostics   # no diagnostic sockets and files on a read-only file system
  value: "0"
{{- /* The API server is the only one they call, and its CA is the service account's. .NET would read all public CAs for it: 90 ms and 3 MiB. */}}
- name: SSL_CERT_FILE
  value: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
- name: SSL_CERT_DIR
  value: /var/run/secrets/kubernetes.io/serviceaccount
{{- /* Nobody waits for an operator's collections, so that holes in its heap are closed at a tenth in place of three tenths: 9 MiB of 5,000 jobs. */}}
{{- if eq (index . 1) "operator" }}
- name: DOTNET_GCConserveMemory
  value: "9"
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
- name: tmp
  mountPath: /tmp
{{- if and (eq (index . 1) "webhook") $root.Values.webhook.certificates.certManager.enabled }}
- name: certificate
  mountPath: /certificate
  readOnly: true
{{- end }}
{{- if and (eq (index . 1) "webhook") $root.Values.webhook.certificates.clients.caConfigMap }}
- name: client-ca
  mountPath: /client-ca
  readOnly: true
{{- end }}
{{- end -}}

{{- /* The same of those that run until they are told to end. */ -}}
{{- define "gpumem.container" -}}
{{ include "gpumem.shortContainer" . }}
startupProbe:
  httpGet: {path: /healthz, port: health}
  periodSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: health}
  periodSeconds: 10
readinessProbe:
  httpGet: {path: /readyz, port: health}
  periodSeconds: 2
{{- end -}}

{{- /* With it cert-manager writes the CA into the webhook configuration, and goes on doing so. */ -}}
{{- define "gpumem.caInjection" -}}
{{- if .Values.webhook.certificates.certManager.enabled -}}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "gpumem.fullname" . }}-webhook
{{- end -}}
{{- end -}}

{{- /* What autoscalers and queues say of GPU nodes that need not exist yet. */ -}}
{{- define "gpumem.nodeTemplateRules" -}}
{{- if .Values.nodeTemplates.karpenter }}
- apiGroups: [karpenter.sh]
  resources: [nodepools]
  verbs: [list]
{{- end }}
{{- if .Values.nodeTemplates.kueue }}
- apiGroups: [kueue.x-k8s.io]
  resources: [resourceflavors]
  verbs: [list]
{{- end }}
{{- if .Values.nodeTemplates.clusterApi }}
- apiGroups: [cluster.x-k8s.io]
  resources: [machinedeployments, machinepools, machinesets]
  verbs: [list]
{{- end }}
{{- end -}}
