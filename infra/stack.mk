# The stack in containers: infra/README.md. The Makefile includes this file.

# Docker Compose, or else podman-compose.
COMPOSE ?= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo podman-compose)
# Overlays, as in WITH="three-tier jaeger"; minimal combines with none.
WITH ?=
ifneq (,$(word 2,$(filter minimal alloy jaeger tail-sampling,$(WITH)))$(and $(filter minimal,$(WITH)),$(filter three-tier,$(WITH))))
  $(error $(WITH) cannot be combined: infra/README.md says which can)
endif
# The last assignment counts, as in Compose.
DEVELOPMENT = $$(sed -n 's/^DEPLOY_ENV=//p' .env | tail -n 1 | grep -qx development && echo -f compose.development.yaml)
STACK = cd infra && ./make-env && $(COMPOSE) $(if $(filter minimal,$(WITH)),-f compose.minimal.yaml,-f compose.yaml $(DEVELOPMENT) $(WITH:%=-f compose.%.yaml))

##@ The stack in containers

.PHONY: engine
engine:
	@$(if $(findstring podman,$(COMPOSE)),podman,docker) info >/dev/null 2>&1 || { \
	  echo "No container engine answers. Install and start Docker with its Compose plugin (2.24 or later), or podman with podman-compose (1.4 or later)." >&2; exit 1; }

.PHONY: up
up: engine ## Build and start everything, with overlays as in WITH="three-tier jaeger", or WITH=minimal
	export GIT_REVISION=$$(git rev-parse HEAD); $(STACK) up --build --detach --remove-orphans
	@echo "The form: http://localhost:$(if $(filter three-tier,$(WITH)),8080,5000)   Grafana: http://localhost:3300   (ports and passwords: infra/.env)"
	@echo "The school office, first administrator: cd infra && $(COMPOSE) exec api student-registration staff add EMAIL --role admin"

.PHONY: down
down: engine ## Stop the stack; stored data stays
	$(STACK) down --remove-orphans

.PHONY: stack-status
stack-status: engine ## Show containers and their health
	$(STACK) ps

.PHONY: stack-logs
stack-logs: engine ## Follow the logs, of all or of SERVICE=api
	$(STACK) logs --follow --tail=100 $(SERVICE)

.PHONY: drill
drill: ## Make an alert fire and resolve in the running stack, by injecting its fault: ALERT=HighErrorRate
	COMPOSE="$(COMPOSE)" scripts/drill "$(ALERT)"
