# Shared by the scripts in tools/: messages, prefix, small checks. Source it; do not run it.
#
#   . "$(dirname "$(readlink -f "$0")")/lib/common.sh"
#
# After sourcing: TANDEM_TOOLS (this folder's parent), TANDEM_ROOT (the repository),
# TANDEM_PREFIX (where bootstrap installs), TANDEM_LIB (<prefix>/lib/tandem).
# Messages go to stderr, so that a script's stdout stays for its result.

TANDEM_TOOLS=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
TANDEM_ROOT=$(dirname "$TANDEM_TOOLS")
TANDEM_PREFIX=${TANDEM_PREFIX:-/usr/local}
TANDEM_LIB=$TANDEM_PREFIX/lib/tandem
TANDEM_VENV=$TANDEM_LIB/venv

# Colours only where a person reads them: https://no-color.org
if [[ -t 2 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  C_BOLD=$'\e[1m' C_DIM=$'\e[2m' C_GREEN=$'\e[32m' C_YELLOW=$'\e[33m' C_RED=$'\e[31m' C_OFF=$'\e[0m'
else
  C_BOLD='' C_DIM='' C_GREEN='' C_YELLOW='' C_RED='' C_OFF=''
fi

# A heading for one piece of work.
step() { printf '%s==> %s%s\n' "$C_BOLD" "$*" "$C_OFF" >&2; }
# What is happening inside a step.
progress() { printf '%s    %s%s\n' "$C_DIM" "$*" "$C_OFF" >&2; }
# A step's good end.
ok() { printf '%s  ✓ %s%s\n' "$C_GREEN" "$*" "$C_OFF" >&2; }
# Something to know that stops nothing.
warn() { printf '%s  ! %s%s\n' "$C_YELLOW" "$*" "$C_OFF" >&2; }
# The end: `fail "what went wrong" ["what to do" …]`. Exit code 1.
fail() {
  printf '%s  ✗ %s%s\n' "$C_RED" "$1" "$C_OFF" >&2
  shift
  local hint
  for hint in "$@"; do printf '    %s\n' "$hint" >&2; done
  exit 1
}
# A wrong command line. Exit code 2, as getopt does.
usage_error() {
  printf '%s  ✗ %s%s\n    Try: %s --help\n' "$C_RED" "$1" "$C_OFF" "$0" >&2
  exit 2
}
# `--help` prints the comment block below the interpreter line of the script.
print_help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$1"; }

# `need_root "to install packages"`
need_root() {
  [[ $(id -u) == 0 ]] || fail "root is needed $1" "Run it again with sudo: sudo -E $0"
}
have() { command -v "$1" >/dev/null 2>&1; }

# `sha256_is FILE DIGEST`: true when the file is there and has that digest.
sha256_is() { [[ -f $1 ]] && [[ $(sha256sum <"$1") == "$2  -" ]]; }

# `take_lock FILE`: one run at a time over all processes; the lock ends with the process.
take_lock() {
  local file=$1
  mkdir -p "$(dirname "$file")"
  exec {TANDEM_LOCK_FD}>"$file"
  if ! flock -n "$TANDEM_LOCK_FD"; then
    progress "another run is at work ($file); waiting for it"
    flock "$TANDEM_LOCK_FD"
  fi
}

# Where the model folders are.
default_models_dir() { printf '%s\n' "${TANDEM_MODELS:-/var/lib/tandem/models}"; }

# Seconds since the script began, for the closing line.
elapsed() { printf '%ss' "$SECONDS"; }
