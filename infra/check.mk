# The Makefile in the repository's root includes this.

.PHONY: check-infra
check-infra: setup-test infra/check/node_modules ## Check the observability stack's files without starting it
	cd infra/check && npm run --silent test
	cd infra/check && npm run --silent check
	@mkdir -p target
	node infra/check/promql.mjs > target/expressions.yml
	promtool check rules --lint=none target/expressions.yml
	promtool check config infra/prometheus/prometheus.yml
	promtool check rules --lint=all --lint-fatal infra/prometheus/rules/*.yml
	promtool test rules infra/prometheus/tests/*.yml

infra/check/node_modules: infra/check/package-lock.json
	cd infra/check && npm ci --loglevel=error
	@touch $@
