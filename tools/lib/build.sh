# Shared by tools/test and tools/demo: the build, and what must hold before it. Source it after common.sh; do not run it.

# Where build logs and reports of the tools go: beside the build, ignored by git.
TANDEM_REPORTS=$TANDEM_ROOT/.build/reports

# Debian packages, OpenVINO and the Python environment; then pkg-config and the loader find them in this process.
prepare_machine() {
  "$TANDEM_TOOLS/bootstrap" || exit $?
  use_prefix
}

use_prefix() {
  export PKG_CONFIG_PATH=$TANDEM_PREFIX/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
  local libraries
  libraries=$(pkg-config --variable=libdir tandem-openvino 2>/dev/null) || libraries=''
  [[ -n $libraries ]] || fail "OpenVINO is not installed under $TANDEM_PREFIX" "Run tools/bootstrap."
  # The loader knows the folder when bootstrap ran as root; otherwise it is told here, for our own processes only.
  if ! ldconfig -p 2>/dev/null | grep -qF "=> $libraries/libopenvino_c.so" && ! /sbin/ldconfig -p 2>/dev/null | grep -qF "=> $libraries/libopenvino_c.so"; then
    export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  fi
}

# `fetch_models`: the default pair. Returns 1, with a warning, when they cannot be had: Tandem runs without them too.
fetch_models() {
  models_dir=$(default_models_dir)
  export TANDEM_MODELS=$models_dir
  "$TANDEM_TOOLS/fetch-models" --models "$models_dir" && return 0
  return 1
}

# `build_release [--build-tests]`: one release build serves products and tests alike. Nothing uses @testable, so neither command
# asks for -enable-testing, which would compile every module a second time.
build_release() {
  mkdir -p "$TANDEM_REPORTS"
  drop_build_of_other_place
  local log=$TANDEM_REPORTS/build.log stamp=$TANDEM_REPORTS/built status=0 seconds=$SECONDS
  # Older than the build's end, so that a source that changes meanwhile counts as newer.
  build_identity >"$stamp.new"
  # The import check catches a target that imports a sibling which it did not declare.
  (cd "$TANDEM_ROOT" && swift build -c release --explicit-target-dependency-import-check error "$@" 2>&1) |
    tee "$log" | show_build || status=$?
  if ((status)); then
    grep -E 'error:' "$log" | sort -u | head -20 >&2 || tail -20 "$log" >&2
    fail "the build failed (whole log: $log)" "Mend what it names, then run this again; it goes on where it stopped." \
      "If it speaks of a missing header or library: tools/bootstrap --verify" \
      "If it makes no sense (a compiler that crashed, a stale module): rm -rf .build, and again."
  fi
  local warnings
  warnings=$(grep -E '^/.*: warning:' "$log" | grep -vF '/.build/' | sort -u | wc -l) || true
  ((warnings == 0)) || warn "$warnings compiler warnings in our own sources (see $log)"
  mv "$stamp.new" "$stamp"
  ok "built in $((SECONDS - seconds))s"
}

# Compiled modules name the folder that they were made in: of a checkout that was moved or copied they cannot be used, and the
# compiler's messages do not say so.
drop_build_of_other_place() {
  local place=$TANDEM_REPORTS/place
  if ! build_is_of_this_place; then
    progress "the build is of $(cat "$place"); it cannot be used here, so all is built anew"
    find "$TANDEM_ROOT/.build/" -mindepth 1 -maxdepth 1 ! -name reports ! -name bench -exec rm -rf {} +
    rm -f "$TANDEM_REPORTS/built"
  fi
  printf '%s\n' "$TANDEM_ROOT" >"$place"
}

build_is_of_this_place() {
  local place=$TANDEM_REPORTS/place
  [[ ! -s $place || $(cat "$place") == "$TANDEM_ROOT" ]]
}

build_identity() { swift --version 2>/dev/null; pkg-config --modversion tandem-openvino rocksdb libisal libprotobuf-c icu-uc; }

# True when neither sources (removed ones show in their folder's time) nor what they are built with have changed since the last
# build. Asking SwiftPM takes ten times as long.
build_is_current() {
  local stamp=$TANDEM_REPORTS/built
  [[ -s $stamp && $(cat "$stamp") == "$(build_identity)" ]] && build_is_of_this_place || return 1
  [[ -z $(find "$TANDEM_ROOT/Package.swift" "$TANDEM_ROOT/Sources" -newer "$stamp" -print -quit) ]]
}

# The compiler's progress: one line that is written over when a person watches, else a line now and then. (A loop of the shell,
# because Debian's awk reads a pipe by blocks.)
show_build() {
  local line last=-20 over=''
  [[ -t 2 ]] && over=$'\r\e[K'
  while IFS= read -r line; do
    case $line in
      \[[0-9]*/[0-9]*\]*)
        if [[ -n $over ]]; then
          printf '%s    %s%.100s%s' "$over" "$C_DIM" "$line" "$C_OFF" >&2
        elif ((SECONDS - last >= 20)); then
          progress "$line"
          last=$SECONDS
        fi
        ;;
      *error:* | *warning:* | Fetching*) printf '%s    %s\n' "$over" "$line" >&2 ;;
    esac
  done
  printf '%s' "$over" >&2
}
