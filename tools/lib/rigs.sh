# Shared by the tools that prove robustness (crash-test, power-cut-test, fuzz-protocol). Source it after common.sh; do not run it.

# `rig_binary NAME`: path of a built product: from $TANDEM_BIN if it is there, else built here.
rig_binary() {
  local name=$1 log
  if [[ -n ${TANDEM_BIN:-} && -x $TANDEM_BIN/$name ]]; then
    printf '%s\n' "$TANDEM_BIN/$name"
    return
  fi
  log=$TANDEM_REPORTS/rig-build.log
  mkdir -p "$TANDEM_REPORTS"
  # In a terminal the build's own words are of no use here; they are kept for when it fails.
  (cd "$TANDEM_ROOT" && swift build -c release --product "$name" >"$log" 2>&1) ||
    fail "building $name failed (whole log: $log)" "Run tools/bootstrap if a library is missing."
  printf '%s\n' "$TANDEM_ROOT/.build/release/$name"
}

# `need_number OPTION VALUE`
need_number() { [[ ${2:-} =~ ^[0-9]+$ ]] || usage_error "$1 needs a number"; }
