# Installs what a group needs, once. Sourced by tests/run and its neighbours.

# Which Debian package a command comes from.
declare -A package_of=(
  [cc]=gcc [git]=git [python3]=python3 [node]=nodejs [npm]=npm [curl]=curl
  [chromium]=chromium [qpdf]=qpdf [pdftotext]=poppler-utils [pdffonts]=poppler-utils [pdftoppm]=poppler-utils
  [zbarimg]=zbar-tools [valgrind]=valgrind
)

# What does not come from Debian lies beside the build's cache and is used by nothing else.
tools="$CARGO_TARGET_DIR/tools"

# need COMMAND…: true when all are there, after installing those that are not.
need() {
  local command packages=()
  for command in "$@"; do
    command -v "$command" >/dev/null || packages+=("${package_of[$command]:-$command}")
  done
  [[ ${#packages[@]} -eq 0 ]] || install "${packages[@]}" || return 1
  for command in "$@"; do
    command -v "$command" >/dev/null || { echo "$command is missing" >&2; return 1; }
  done
}

install() {
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "missing, please install: $*" >&2
    return 1
  fi
  echo "installing $*"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# need_python_tools: the programs of tests/lib/requirements.txt come first in PATH. Of those in requirements-alone.txt only
# files are read, so they come without what they would need to run.
need_python_tools() {
  local home="$tools/python" wanted=(tests/lib/requirements.txt tests/lib/requirements-alone.txt)
  need python3 || return 1
  if ! cmp -s <(cat "${wanted[@]}") "$home/installed.txt" || ! "$home/bin/python3" -c '' 2>/dev/null; then
    echo "installing $(cat "${wanted[@]}" | paste -sd ' ')"
    rm -rf "$home"
    python3 -m venv "$home" 2>/dev/null || { install python3-venv && python3 -m venv "$home"; } || return 1
    "$home/bin/pip" install --quiet --disable-pip-version-check -r "${wanted[0]}" || return 1
    "$home/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "${wanted[1]}" || return 1
    cat "${wanted[@]}" > "$home/installed.txt"
  fi
  export PATH="$home/bin:$PATH"
}

# need_browser: Chromium and what drives it, as tests/browser/package-lock.json pins it.
need_browser() {
  need chromium node npm || return 1
  local installed=tests/browser/node_modules/installed.json
  cmp -s tests/browser/package-lock.json "$installed" && return
  echo "installing the browser's driver"
  npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --silent || return 1
  cp tests/browser/package-lock.json "$installed"
}
