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
  local log=$TANDEM_REPORTS/build.log status=0 seconds=$SECONDS
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
  ok "built in $((SECONDS - seconds))s"
}

# The compiler's progress: one line that is written over when a person watches, else a line now and then.
show_build() {
  local tty=no
  [[ -t 2 ]] && tty=yes
  awk -v tty="$tty" -v dim="$C_DIM" -v off="$C_OFF" '
    /^\[[0-9]+\/[0-9]+\]/ {
      if (tty == "yes") printf "\r\033[K    %s%s%s", dim, substr($0, 1, 100), off > "/dev/stderr"
      else if (systime() - last >= 20) { print "    " $0 > "/dev/stderr"; last = systime() }
      fflush("/dev/stderr"); next
    }
    /error:|warning:|^Fetching|^Creating working copy|^Building for|^Compiling plugin/ {
      if (tty == "yes") printf "\r\033[K" > "/dev/stderr"
      print "    " $0 > "/dev/stderr"; fflush("/dev/stderr")
    }
    END { if (tty == "yes") printf "\r\033[K" > "/dev/stderr" }
  '
}
