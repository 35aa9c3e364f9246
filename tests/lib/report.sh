# Counting: what ran, what failed, how long it took. Sourced by tests/run.

logs="$CARGO_TARGET_DIR/checks"
mkdir -p "$logs"

declare -A passed_of failed_of seconds_of
groups_run=()

# Runs `group_NAME`; the steps below add to its two counters.
run_group() {
  local group=$1 begin=$SECONDS least
  passed=0 failed=0 log="$logs/$group.log"
  printf '\n== %s\n' "$group"
  : >"$log"
  "group_$group" || fail "group $group stopped early"
  least=$(least_count "$group")
  if ((passed + failed < least)); then
    fail "only $((passed + failed)) checks ran; tests/counts.toml wants at least $least"
  fi
  groups_run+=("$group")
  passed_of[$group]=$passed failed_of[$group]=$failed seconds_of[$group]=$((SECONDS - begin))
}

# How many checks a group must at least run: `unit = 300` in tests/counts.toml; else, and with --fast, one.
least_count() {
  local least=""
  [[ -f tests/counts.toml && -z ${FAST:-} ]] && least=$(sed -n "s/^$1 *= *\([0-9][0-9]*\).*/\1/p" tests/counts.toml | head -n 1)
  echo "${least:-1}"
}

fail() {
  failed=$((failed + 1))
  echo "FAILED: $1"
}

# check SENTENCE COMMAND…: one check. Its output is shown only when it fails.
check() {
  local sentence=$1 status begin=$SECONDS
  shift
  "$@" >"$log" 2>&1
  status=$?
  if ((status == 0)); then
    passed=$((passed + 1))
    echo "ok: $sentence ($((SECONDS - begin)) s)"
  else
    tail -n 200 "$log"
    fail "$sentence (exit $status)"
  fi
}

# tests SENTENCE COMMAND…: a test runner. Its output is shown as it comes, its own closing lines are counted.
tests() {
  local sentence=$1 status counted
  shift
  "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  counted=$(python3 tests/lib/count.py "$log")
  passed=$((passed + ${counted% *})) failed=$((failed + ${counted#* }))
  ((status == 0 || ${counted#* } > 0)) || fail "$sentence (exit $status)"
  [[ $counted != "0 0" ]] || fail "$sentence: no test ran"
}

report() {
  local group total_passed=0 total_failed=0
  printf '\n%-10s %8s %8s %8s\n' group passed failed seconds
  for group in "${groups_run[@]}"; do
    printf '%-10s %8d %8d %8d\n' "$group" "${passed_of[$group]}" "${failed_of[$group]}" "${seconds_of[$group]}"
    total_passed=$((total_passed + passed_of[$group])) total_failed=$((total_failed + failed_of[$group]))
  done
  printf '%-10s %8s %8s %8d\n\n' all "" "" "$SECONDS"
  echo "$total_passed passed, $total_failed failed"
  ((total_failed == 0 && total_passed > 0))
}
