# Starts and stops portals of our own, on ports and data of their own. Sourced by tests/run and its neighbours.

portal_program="$CARGO_TARGET_DIR/debug/local"
started=()
scratch=()

# Only what was started here is ended, even when a check is interrupted.
clean_up() {
  local process folder
  for process in "${started[@]}"; do kill "$process" 2>/dev/null; done
  for process in "${started[@]}"; do wait "$process" 2>/dev/null; done
  for folder in "${scratch[@]}"; do rm -rf "$folder"; done
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# scratch_folder NAME: sets the variable NAME to a new folder that is removed at the end.
scratch_folder() {
  local -n folder_name=$1
  folder_name=$(mktemp -d)
  scratch+=("$folder_name")
}

# The first of five neighbouring ports that nobody listens on.
free_ports() {
  python3 - <<'PYTHON'
import random, socket

def is_free(port):
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True

while True:
    first = random.randrange(20_000, 30_000)
    if all(is_free(first + offset) for offset in range(5)):
        print(first)
        break
PYTHON
}

# start_portal LOG OPTION…: starts a portal and waits until it has said its addresses; sets `portal_pid`.
start_portal() {
  local log=$1 tries
  shift
  "$portal_program" "$@" >"$log" 2>&1 &
  portal_pid=$!
  started+=("$portal_pid")
  for ((tries = 0; tries < 1200; tries++)); do
    grep -qs 'Ctrl-C stops' "$log" && return
    kill -0 "$portal_pid" 2>/dev/null || break
    sleep 0.1
  done
  echo "the portal did not start:" >&2
  cat "$log" >&2
  return 1
}

# start_watch LOG PORT ENVIRONMENT: the Lambda binaries in front of an `--aws-only` portal; sets `watch_pid`.
# Returns when each has been built and has answered once.
start_watch() {
  local log=$1 port=$2 environment=$3
  cargo lambda watch --ignore-changes --disable-cors --invoke-address 127.0.0.1 --invoke-port "$port" \
    --env-file "$environment" >"$log" 2>&1 &
  watch_pid=$!
  started+=("$watch_pid")
  python3 tests/lib/wait_for.py "$port" /login /imprint /contracts /invoices /invoices/RE1000/pdf /accounts /settle /api/openapi.json
}

# Ends what was started here, politely (bash starts background jobs deaf to Ctrl-C), and waits for its end.
stop() {
  kill -TERM "$1" 2>/dev/null
  wait "$1" 2>/dev/null
}
