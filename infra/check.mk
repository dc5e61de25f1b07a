# The Makefile in the repository's root includes this.

CHECK_TOOLS := $(CURDIR)/target/tools/check
CHECK := NODE_TOOLS=$(CHECK_TOOLS) PATH="$(CHECK_TOOLS)/bin:$(CHECK_TOOLS)/node_modules/.bin:$$PATH" $(CHECK_TOOLS)/bin/python -B infra/check

.PHONY: check-infra
check-infra: setup-test $(CHECK_TOOLS)/installed ## Check the observability stack's files without starting it
	$(CHECK) stack
	$(CHECK) breakages

.PHONY: check-chart
check-chart: setup-test $(CHECK_TOOLS)/installed ## Check the Helm chart against Kubernetes' schemas and our own rules
	$(CHECK) chart

.PHONY: golden-chart
golden-chart: $(CHECK_TOOLS)/installed ## Update the expected manifests, infra/check/golden/
	UPDATE_GOLDEN=1 $(CHECK) chart

# The queries of make test-stack.
target/expressions.json: $(CHECK_TOOLS)/installed FORCE
	$(CHECK) expressions > $@
.PHONY: FORCE

$(CHECK_TOOLS)/installed: infra/check/requirements.txt infra/check/package-lock.json
	python3 -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --requirement $<
	cp infra/check/package.json infra/check/package-lock.json $(@D)
	cd $(@D) && npm ci --ignore-scripts --loglevel=error --no-audit --no-fund
	@touch $@
