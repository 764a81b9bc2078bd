# Shared by the measuring tools (tools/bench-*, tools/eval-collections): the executables, then the Python part. Source it after
# common.sh and build.sh; do not run it.

# `run_bench MODULE ARGUMENTS…`: runs tools/lib/bench/MODULE.py. TANDEM_BIN names the folder of tandemd, tandem and bench-load;
# without it they are built (a release build that is up to date takes seconds).
run_bench() {
  local module=$1 argument
  shift
  export TANDEM_ROOT PYTHONPATH=$TANDEM_TOOLS/lib PYTHONDONTWRITEBYTECODE=1
  for argument in "$@"; do
    if [[ $argument == -h || $argument == --help ]]; then exec python3 -m "bench.$module" --help; fi
  done
  use_prefix
  if [[ -z ${TANDEM_BIN:-} ]]; then
    step "Build"
    build_release
    TANDEM_BIN=$TANDEM_ROOT/.build/release
  fi
  export TANDEM_BIN
  exec python3 -m "bench.$module" "$@"
}
