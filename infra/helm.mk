# The chart, and a cluster to try it in. The Makefile includes this.

K8S_NAMESPACE ?= student-registration
K8S_RELEASE ?= student-registration
# Holds DATABASE_URL and FORM_SECRET: infra/helm/student-registration/values.yaml says how to make it.
K8S_SECRET ?= student-registration
# localhost/: podman's name for local images; Docker accepts it, and Kubernetes looks for the same name.
K8S_IMAGE ?= localhost/student-registration
K8S_TAG ?= $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
# More arguments for helm, as in K8S_ARGS="--values school.yaml"; without a database server
# K8S_ARGS="--set embedded.enabled=true,replicas=1,existingSecret.name=".
K8S_ARGS ?=

CHART := infra/helm/student-registration
CONTAINERS = $(or $(shell command -v docker || command -v podman),docker)
KUBECTL = kubectl --namespace $(K8S_NAMESPACE)
# The name of the release's objects.
K8S_NAME = $(K8S_RELEASE)$(if $(findstring student-registration,$(K8S_RELEASE)),,-student-registration)
HELM_VALUES = --set image.repository=$(K8S_IMAGE),image.tag=$(K8S_TAG),existingSecret.name=$(K8S_SECRET) $(K8S_ARGS)
# need PROGRAM,ADVICE
need = @command -v $(1) >/dev/null || { echo "$(notdir $(1)) is missing: $(2)" >&2; exit 1; }
need-kubectl = $(call need,kubectl,https://kubernetes.io/docs/tasks/tools)
need-helm = $(call need,helm,https://helm.sh/docs/intro/install)

##@ Kubernetes

.PHONY: k8s-build
k8s-build: ## Build the image (K8S_IMAGE, K8S_TAG)
	$(call need,$(CONTAINERS),or podman: https://docs.docker.com/engine/install)
	$(CONTAINERS) build --file infra/Dockerfile --build-arg GIT_REVISION=$$(git rev-parse HEAD) --tag $(K8S_IMAGE):$(K8S_TAG) .

.PHONY: k8s-import
k8s-import: ## Import the image into the local cluster: kind, k3d, minikube or k3s
	$(need-kubectl)
	infra/helm/import-image $(CONTAINERS) $(K8S_IMAGE):$(K8S_TAG)

.PHONY: k8s-install
k8s-install: ## Install the chart (K8S_NAMESPACE, K8S_RELEASE, K8S_SECRET, K8S_ARGS)
	$(need-helm)
	$(need-kubectl)
	helm install $(K8S_RELEASE) $(CHART) --namespace $(K8S_NAMESPACE) --create-namespace $(HELM_VALUES)

.PHONY: k8s-upgrade
k8s-upgrade: ## Upgrade the release
	$(need-helm)
	helm upgrade $(K8S_RELEASE) $(CHART) --namespace $(K8S_NAMESPACE) $(HELM_VALUES)

# The tag and the pod template are unchanged: without a restart the old image would keep running.
.PHONY: k8s-rebuild
k8s-rebuild: k8s-build k8s-import k8s-upgrade ## Build, import and upgrade, and restart the pods
	$(need-kubectl)
	$(KUBECTL) rollout restart deployment/$(K8S_NAME)
	$(KUBECTL) rollout status deployment/$(K8S_NAME) --timeout=5m

.PHONY: k8s-status
k8s-status: ## Show the release and its objects
	$(need-helm)
	$(need-kubectl)
	helm status $(K8S_RELEASE) --namespace $(K8S_NAMESPACE)
	$(KUBECTL) get all,ingress,networkpolicy,poddisruptionbudget --selector app.kubernetes.io/instance=$(K8S_RELEASE)

.PHONY: k8s-logs
k8s-logs: ## Follow the log lines of all pods
	$(need-kubectl)
	$(KUBECTL) logs --selector app.kubernetes.io/instance=$(K8S_RELEASE) --follow --prefix --max-log-requests=20

.PHONY: k8s-port-forward-app
k8s-port-forward-app: ## The form on http://localhost:5000
	$(need-kubectl)
	$(KUBECTL) port-forward service/$(K8S_NAME) 5000:5000

.PHONY: k8s-port-forward-admin
k8s-port-forward-admin: ## Metrics, health and version on http://localhost:8000
	$(need-kubectl)
	$(KUBECTL) port-forward service/$(K8S_NAME)-admin 8000:8000

# On another port than the service's, so that a local service does not answer instead.
.PHONY: k8s-load-test
k8s-load-test: ## Send fifty requests to the service in the cluster
	$(need-kubectl)
	@$(KUBECTL) port-forward service/$(K8S_NAME) 15000:5000 >/dev/null & forward=$$!; \
	trap 'kill $$forward 2>/dev/null' EXIT; \
	until (exec 3<>/dev/tcp/127.0.0.1/15000) 2>/dev/null; do \
	  kill -0 $$forward 2>/dev/null || exit 1; sleep 0.2; \
	done; \
	$(MAKE) --no-print-directory load-test HOST=http://localhost:15000

.PHONY: k8s-delete
k8s-delete: ## Delete the release; the Secret, a volume with registrations and the namespace stay
	$(need-helm)
	helm uninstall $(K8S_RELEASE) --namespace $(K8S_NAMESPACE) --wait
