# make setup    everything but migrating, loading and serving
# make run      setup, then the site with the real plans on http://127.0.0.1:8000 (PORT=… moves it, DEMO=1 adds a demonstration)
# make test     setup, then all tests; the last lines say which lanes ran (ARGS='-k plan' narrows them)
# make check    lint, types, contracts, templates, migrations, deployment, API description, translations, tests
# make fmt      format Python and templates         make messages   update locale/mn from the sources
# make bench    the measurements                    make lock       requirements.lock from pyproject.toml (UPGRADE=1: newest)

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
INSTALLED := .venv/.installed
MANAGE := $(BIN)/python manage.py
APPS := ogptracker reports assessments commitments
FONTS := static/fonts/noto-sans-400.woff2 static/fonts/noto-sans-700.woff2
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))

.PHONY: setup libraries run test check lint templates types contract environment migrations deployment schema translations bench fmt messages lock
.DELETE_ON_ERROR:

setup: $(INSTALLED) libraries $(FONTS) $(CATALOGUES)
	@mkdir -p var

$(INSTALLED): requirements.lock tools/make_venv.sh
	sh tools/make_venv.sh "$(PYTHON)"
	@touch $@

libraries: | $(INSTALLED)
	@$(BIN)/python tools/system_libraries.py

$(FONTS) &: tools/build_fonts.py $(INSTALLED)
	$(BIN)/python tools/build_fonts.py static/fonts

%.mo: %.po | $(INSTALLED)
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

run: setup
	$(MANAGE) migrate --verbosity 0
	$(MANAGE) load_plans
	$(if $(filter 1,$(DEMO)),$(MANAGE) load_demonstration)
	@mkdir -p var/reports
	for language in en mn; do \
	  $(MANAGE) make_report nap-4 --period 2023-final --language $$language --format pdf --if-changed \
	    --output var/reports/nap-4-2023-final-$$language.pdf || exit; \
	done
	$(MANAGE) create_demo_accounts
	@exec $(BIN)/python tools/serve.py $(PORT)

test: setup
	@$(BIN)/python tools/run_tests.py $(ARGS)

check: lint templates types contract environment migrations deployment schema translations test

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

templates: setup
	$(BIN)/djlint --quiet --lint --allow-empty-input templates
	$(BIN)/djlint --check --allow-empty-input templates

types: setup
	$(BIN)/mypy

contract: setup
	$(BIN)/lint-imports --no-logo

# psycopg 3 would silently replace psycopg2 in Django, and was 2.3 times slower.
environment: setup
	$(BIN)/pip --no-input check
	@! $(BIN)/python -c "import psycopg" 2>/dev/null || { echo "psycopg 3 is in the environment: find out what brought it."; exit 1; }

migrations: setup
	$(MANAGE) makemigrations --check --dry-run

deployment: setup
	DEBUG=0 SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(64))") ALLOWED_HOSTS=ogp.example.org \
	  DATABASE_URL=postgres://ogptracker@localhost/ogptracker CACHE_URL=dbcache://cache EMAIL_URL=smtp://localhost:25 SITE_URL=https://ogp.example.org \
	  $(MANAGE) check --deploy --fail-level WARNING

schema: setup
	$(MANAGE) spectacular --validate --fail-on-warn --file /dev/null

translations: setup
	$(BIN)/python tools/messages.py check

bench: setup
	$(BIN)/python -m tests.benchmarks

fmt: setup
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	$(BIN)/djlint --quiet --reformat --warn --allow-empty-input templates

messages: setup
	$(BIN)/python tools/messages.py update

lock: $(INSTALLED)
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet $(if $(filter 1,$(UPGRADE)),--upgrade) --extra test --extra dev \
	  --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --output-file requirements.lock pyproject.toml
