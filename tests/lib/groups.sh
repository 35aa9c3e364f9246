# What each group checks. Sourced by tests/run.
# `check` is one check, `tests` is a test runner that counts for itself (tests/lib/report.sh).

# One build for everything: from the root and with everybody's features, so that `cargo portal`, the tests and
# `cargo lambda watch` take the same crates from the cache.
build() {
  [[ ${is_built:-} == yes ]] && return
  need cc python3 || return 1
  local begin=$SECONDS
  cargo build --workspace --all-targets --quiet || return 1
  is_built=yes
  echo "built in $((SECONDS - begin)) s"
}

group_fmt() {
  check "every Rust file is formatted" cargo fmt --all --check
}

group_clippy() {
  need cc || return 1
  check "clippy has nothing to say" cargo clippy --workspace --all-targets --quiet -- -D warnings
}

group_deny() {
  need python3 || return 1
  tests "licences and banned crates" python3 tests/lib/deny.py
}

group_infra() {
  need_python_tools && build || return 1
  check "the routes in Cargo.toml, infra/template.yaml and openapi.json are the functions' own" "$portal_program" routes
  local stage built
  scratch_folder built
  export SAM_CLI_TELEMETRY=0
  for stage in webhosting-ag-sandbox webhosting-ag-prod pool-sandbox pool-prod edge; do
    check "sam validate --lint of $stage" sam validate --lint --config-env "$stage"
    check "sam build of $stage" sam build --config-env "$stage" --build-dir "$built/$stage"
  done
  check "cfn-lint" cfn-lint --regions eu-central-1 -- infra/template.yaml infra/data.yaml infra/observability.yaml
  check "cfn-lint of the CDN" cfn-lint --regions us-east-1 -- infra/edge.yaml
  tests "checkov, but for what tests/infra/checkov.yaml names" python3 tests/infra/check.py checkov
  tests "cfn-lint of what each stage becomes" python3 tests/infra/check.py lint
  tests "what each stage must say" python3 tests/infra/check.py rules
  tests "nobody breaks a template unseen" python3 tests/infra/check.py mutants
}

group_unit() {
  build || return 1
  tests "the crates' own tests" python3 tests/lib/rust_tests.py unit
}

group_mt940() {
  need_python_tools && build || return 1
  local reader=$CARGO_TARGET_DIR/debug/examples/read_statement
  tests "our MT940 reader and another one" python3 tests/lib/compare_mt940.py "$reader" shared/payments/tests/files/*.sta
}

# What vendors' own libraries say about our signatures, and we about theirs.
group_signatures() {
  need_python_tools && need_browser && build || return 1
  local program=$CARGO_TARGET_DIR/debug/examples/message
  tests "signatures and the vendors' own libraries" python3 tests/lib/compare_signatures.py "$program" tests/vendors/fixtures
}

group_router() {
  build || return 1
  local noted
  scratch_folder noted
  RIGHTS_NOTED_IN=$noted tests "routers over the real engines" python3 tests/lib/rust_tests.py router
  [[ -n ${FAST:-} ]] || tests "functions ask for what their roles allow, and for all of it" python3 tests/infra/seen.py "$noted"
}

group_pdf() {
  need qpdf pdftotext pdffonts pdftoppm zbarimg && need_python_tools && build || return 1
  tests "what other people's tools say about our PDFs" python3 tests/lib/rust_tests.py pdf
}

# Old books of a company from a CSV file and a spreadsheet, a tenth of them; all of it without SCALE (tests/imports).
group_imports() {
  need_python_tools && build || return 1
  local data port folder
  scratch_folder data
  scratch_folder folder
  port=$(free_ports)
  start_portal "$logs/imports-portal.log" --port "$port" --data "$data" --no-demo || return 1
  SCALE=10 tests "a large import, interrupted and gone on with" \
    python3 tests/imports/rehearse.py "$CARGO_TARGET_DIR/debug/kontor" "$port" "$data" "$folder"
  stop "$portal_pid"
}

# What Lambda gets: every function for arm64, built twice to the same bytes. It takes as long as all other groups, so CI leaves it out.
group_zips() {
  need_python_tools && need cc || return 1
  tests "every function as a zip for arm64" infra/build
  cp -r target/lambda "$logs/zips" && rm -rf target/lambda target/aarch64-unknown-linux-gnu || return 1
  tests "every function once more" infra/build
  local zip
  for zip in target/lambda/*.zip; do
    check "$(basename "$zip") has the same bytes" cmp "$zip" "$logs/zips/$(basename "$zip")"
  done
  rm -rf "$logs/zips"
}

# The seeded simulation, and five faults of the product that it must find (tests/simulation).
group_money() {
  build || return 1
  local program="$CARGO_TARGET_DIR/debug/simulation" mutant
  # The payments and the mutants take turns at waiting for pauses between tries.
  "$program" --payments 2000 --seed 1 >"$logs/payments.log" 2>&1 &
  local payments=$!
  started+=("$payments")
  for mutant in dropped-condition dropped-guard swapped-sign two-names unseen-returns; do
    check "the simulation finds a $mutant" "$program" --payments 200 --mutant "$mutant"
  done
  check "2,000 payments at every provider, against faults: every cent is where it belongs" outcome "$payments" "$logs/payments.log"
}

# outcome PROCESS LOG: waits for what runs beside, shows what it said and ends as it did.
outcome() {
  local status
  wait "$1"
  status=$?
  cat "$2"
  return "$status"
}

group_browser() {
  need_browser && need pdftotext && build || return 1
  local data port
  scratch_folder data
  port=$(free_ports)
  start_portal "$logs/browser-portal.log" --port "$port" --data "$data" || return 1
  tests "journeys in the browser" browse "$port" "$data" tests/browser/*.test.mjs
  stop "$portal_pid"
}

# browse PORT DATA FILE…: the browser's tests against the portal there, whose keys lie in its data.
browse() {
  local port=$1 data=$2
  shift 2
  BASE="http://webhosting-ag.localhost:$port" MAILBOX="http://localhost:$((port + 1))" KEYS="$data/keys.json" \
    node --test --test-concurrency=1 --test-reporter=spec "$@"
}

group_watch() {
  need_browser && need_python_tools && build || return 1
  local data port
  scratch_folder data
  port=$(free_ports)
  start_portal "$logs/watch-portal.log" --port "$port" --data "$data" --aws-only || return 1
  start_watch "$logs/watch-lambda.log" "$port" "$data/environment" || return 1
  tests "the login journey through the real Lambda binaries" browse "$port" "$data" tests/browser/login.test.mjs
  stop "$watch_pid"
  stop "$portal_pid"
}

group_figures() {
  build || return 1
  tests "each page and all background work costs what tests/figures.json says" cargo figures --check
}

group_newcomer() {
  need git python3 cc || return 1
  tests "from git clone to every page" tests/newcomer
}
