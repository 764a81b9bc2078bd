# Shared by the tools that prove robustness (crash-test, power-cut-test, fuzz-protocol, fuzz-analysis). Source it after common.sh; do not run it.

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

# `asan_binary NAME`: path of a product built with the address sanitizer, C and C++ with that of undefined behaviour, too (its part of the runtime
# library is in the former's). A scratch path of its own, because the flags are others than those of .build.
asan_binary() {
  local name=$1 log=$TANDEM_REPORTS/asan-build.log scratch=$TANDEM_ROOT/.build/asan
  local undefined=(-Xcc -fsanitize=undefined -Xcc -fno-sanitize=vptr -Xcc -fno-sanitize-recover=undefined)
  mkdir -p "$TANDEM_REPORTS"
  progress "building $name with the address sanitizer"
  (cd "$TANDEM_ROOT" && swift build -c release --sanitize address "${undefined[@]}" --scratch-path "$scratch" --product "$name" >"$log" 2>&1) ||
    fail "the build failed (whole log: $log)"
  printf '%s\n' "$scratch/release/$name"
}

# `need_number OPTION VALUE`
need_number() { [[ ${2:-} =~ ^[0-9]+$ ]] || usage_error "$1 needs a number"; }
