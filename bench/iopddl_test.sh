#!/bin/sh
# The contest's program on instances with known optima, and on input that is wrong: iopddl_test.sh PROGRAM
program=$1
instances=$(dirname "$0")/instances
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# optimal FILE COST
optimal() {
  "$program" "$instances/$1" 10 >"$scratch/out" 2>"$scratch/err" || fail "$1: exit $?: $(cat "$scratch/err")"
  grep -q "^# cost $2\$" "$scratch/out" || fail "$1: $(grep '^# cost' "$scratch/out"), expected $2"
  grep -q "^# bound $2\$" "$scratch/out" || fail "$1: $(grep '^# bound' "$scratch/out"), expected $2"
  tail -1 "$scratch/out" | grep -Eq '^\[[0-9]+(, [0-9]+)*\]$' || fail "$1: the last line is not the answer"
}

# wrong NAME PATTERN < text: exit 1, a located error that matches
wrong() {
  cat >"$scratch/$1.json"
  "$program" "$scratch/$1.json" 5 >"$scratch/out" 2>"$scratch/err"
  code=$?
  [ $code -eq 1 ] || fail "$1: exit $code, expected 1"
  grep -q "$1.json:.*error: .*$2" "$scratch/err" || fail "$1: '$(cat "$scratch/err")' does not match '$2'"
}

# problem INTERVALS COSTS USAGES EDGES TABLES LIMIT
problem() {
  printf '{"problem":{"nodes":{"intervals":%s,"costs":%s,"usages":%s},' "$1" "$2" "$3"
  printf '"edges":{"nodes":%s,"costs":%s},"usage_limit":%s}}\n' "$4" "$5" "$6"
}

optimal example.json 445
optimal asplos-2025-iopddl-B.json.gz 532843
optimal asplos-2025-iopddl-G.json.gz 217039

i='[[0,1],[0,2]]' c='[[1,2],[3,4]]' u='[[1,1],[1,1]]' e='[[0,1]]' t='[[1,2,3,4]]'
problem "$i" "$c" "$u" "$e" "$t" 9 | tr '3' 'x' | wrong letters "expected a number, got 'x'"
problem "$i" "$c" "$u" "$e" "$t" 9 | head -c 60 | wrong cut 'got the end of the file'
problem "$i" "$c" "$u" "$e" "$t" 9 | sed 's/$/ 1/' | wrong tail "expected the end of the file, got '1'"
printf '' | wrong empty "expected '{', got the end of the file"
printf '{}' | wrong nothing "no 'problem'"
printf '{"problem":[]}' | wrong shape "expected '{'"
problem "$i" "$c" "$u" "$e" "$t" -9 | wrong negative_limit 'a number is negative'
problem "$i" "$c" '[[1,1],[1,-1]]' "$e" "$t" 9 | wrong negative_usage 'a number is negative'
problem "$i" '[[1,2],[3,9223372036854775808]]' "$u" "$e" "$t" 9 | wrong overflow 'does not fit 64 bits'
problem "$i" '[[1,2],[3,900000000000000000]]' "$u" "$e" "$t" 9 | wrong large 'use a coarser unit'
problem "$i" '[[1,2],[3,4.5]]' "$u" "$e" "$t" 9 | wrong fraction "expected an integer, got '.'"
problem '[[0,1]]' "$c" "$u" "$e" "$t" 9 | wrong few_intervals '1 intervals, 2 lists of costs'
problem '[[2,1],[0,2]]' "$c" "$u" "$e" "$t" 9 | wrong backwards 'not a pair of ascending times'
problem "$i" "$c" '[[1],[1,1]]' "$e" "$t" 9 | wrong few_usages '2 costs and 1 usages'
problem "$i" "$c" "$u" '[[0,2]]' "$t" 9 | wrong node 'not a pair of different nodes below 2'
problem "$i" "$c" "$u" '[[1,1]]' "$t" 9 | wrong loop 'not a pair of different nodes'
problem "$i" "$c" "$u" "$e" '[[1,2,3]]' 9 | wrong few_entries 'has 3 costs'
problem "$i" "$c" "$u" "$e" '[]' 9 | wrong few_tables '1 pairs of nodes and 0 lists'
problem "$i" "$c" "$u" "$e" "$t" 1 | wrong tight 'at least 2 is used whatever is chosen, but the limit is 1, 1 less'
x=1000000000000000000
problem '[[0,1],[0,1],[0,1]]' '[[1,1],[1,1],[1,1]]' '[[1,1],[1,1],[1,1]]' '[[0,1],[1,2],[2,0]]' \
  "[[$x,0,0,$x],[$x,0,0,$x],[$x,0,0,$x]]" 9 | wrong cycle 'forbidden'
head -c 50000 "$instances/asplos-2025-iopddl-B.json.gz" | wrong cut_gzip 'damaged or cut off'

[ $failures -eq 0 ] && echo "all passed"
exit $((failures > 0))
