# shellcheck shell=bash
# What the root scripts share; sourced in the project's root, with set -euo pipefail.

trap 'exit 130' INT

if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then terminal=true; else terminal=false; fi

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Sets java, and says what a fresh machine lacks.
find_java() {
  local version
  java=${JAVA_HOME:+$JAVA_HOME/bin/}java
  command -v "${java}c" >/dev/null || fail 'needs a JDK, 17 or later: set JAVA_HOME, or put its bin on the PATH'
  version=$("${java}c" -version 2>&1 | sed -E 's/^javac ([0-9]+).*/\1/')
  [ "$version" -ge 17 ] || fail "needs a JDK, 17 or later; this is $version: $(command -v "${java}c")"
  command -v mvn >/dev/null || fail 'needs Maven, 3.8 or later: put mvn on the PATH'
}

# Runs Maven with these arguments, all output in the log $1, and shows what it is doing.
maven() {
  local log=$1 status=0
  shift
  mkdir -p "$(dirname "$log")"
  mvn -B "$@" </dev/null 2>&1 | tee "$log" | show_progress || status=1
  if [ "$status" != 0 ]; then show_errors "$log"; fi
  return "$status"
}

# The errors in the log $1 of a Maven run, without its advice, and the compiler's warnings, which are errors here;
# if there are none, the end of the log.
show_errors() {
  grep -E '^\[(ERROR|FATAL)\] +[^ ]|^\[WARNING\] .*\.java:\[' "$1" | grep -vE '\[ERROR\][[:space:]]+(at |->|To see|Re-run|For more|\[Help|After correct|mvn <args>|See )' | head -n 30 ||
    tail -n 30 "$1"
  printf 'the whole log is in %s\n' "$1"
}

# One line per module and test class; in a terminal also one that is rewritten, with the time.
show_progress() {
  local line code step='Maven starts' start=$SECONDS timeout=()
  if [ "${BASH_VERSINFO[0]}" -ge 4 ]; then timeout=(-t 1); fi  # bash 3 tells no timeout from an end
  while true; do
    code=0
    IFS= read -r ${timeout[@]+"${timeout[@]}"} line || code=$?
    if [ "$code" = 0 ]; then
      case $line in
        *'Building Holdfast'*) step=$(sed -E 's/.*Building (Holdfast.*) [^ ]+ *\[(.*)\]$/\1 (\2)/' <<<"$line"); show_step "$step" ;;
        *'Tests run:'*' - in '* | *'Tests run:'*' -- in '*) show_step "  $(sed -E 's/.*Tests run: ([0-9]+), Failures: ([0-9]+), Errors: ([0-9]+), Skipped: ([0-9]+).* in (dev\.holdfast\.lock\.)?(.*)/\6: \1 run, \2 failed, \3 in error, \4 skipped/' <<<"$line")" ;;
      esac
    elif [ "$code" -le 128 ]; then
      break
    fi
    if $terminal; then printf '\r\033[K  %s, %d s' "$step" $((SECONDS - start)); fi
  done
  if $terminal; then printf '\r\033[K'; fi
}

show_step() {
  if $terminal; then printf '\r\033[K'; fi
  printf '  %s\n' "$1"
}

# Compiles module $1 and what it needs, unless that was done and nothing has changed since.
build() {
  local module=$1 classes=$1/target/classes list=$1/target/classpath
  if ! is_built "$classes" "$list"; then
    printf 'Building (the first time Maven downloads what it needs, which takes a while)\n'
    maven "$module/target/build.log" -pl "$module" -am process-classes
    touch "$list"  # Maven leaves one alone that has not changed
  fi
}

is_built() {
  local classes=$1 list=$2 entry entries
  [ -d "$classes" ] && [ -f "$list" ] || return 1
  [ -z "$(find pom.xml lock-*/pom.xml lock-*/src/main -newer "$list" -print -quit)" ] || return 1
  IFS=: read -r -a entries <"$list" || true
  for entry in "${entries[@]}"; do [ -e "$entry" ] || return 1; done
}

# The class path of module $1, which must have been built.
class_path() {
  printf '%s:%s' "$1/target/classes" "$(cat "$1/target/classpath")"
}

# Has Maven fetch a Pulsar broker, unless that was done. Sets pulsar_server: what Java has to be told of it.
fetch_pulsar() {
  local list=lock-pulsar-server/target/resources/holdfast/pulsar-server.classpath
  if [ ! -f "$list" ]; then
    printf 'Fetching a Pulsar broker, 250 MB (the first time only)\n'
    maven lock-pulsar-server/target/build.log -f lock-pulsar-server/pom.xml generate-test-resources
  fi
  pulsar_server=-Dholdfast.pulsar.classpath=$PWD/$list
}
