#!/bin/sh
# The table of the contest: iopddl.sh BUILD [DIRECTORY [SECONDS [INSTANCES]]]
# Runs the instances of DIRECTORY that are there (default: $IOPDDL_INSTANCES, else the two in bench/instances) with
# BUILD/bench/iopddl, one at a time on two threads, and prints cost, proven bound, gap, and the ratios of the cost to
# the best team of the contest, to the best published result of any kind, and to XLA's.
program=$1/bench/iopddl seconds=${3:-60} instances=${4:-"A B C G K M P S T U"}
directory=${2:-${IOPDDL_INSTANCES:-$(dirname "$0")/instances}}
if [ ! -x "$program" ] || [ ! -d "$directory" ]; then
  echo "usage: iopddl.sh BUILD [DIRECTORY [SECONDS [INSTANCES]]]" >&2
  exit 2
fi

# instance, best team within the contest, best published result, XLA's (0: none); facts as of the contest's repository
# and its winners' later tables
published='A 6548641531 6548641531 13214846074
B 532843 532843 990205
C 84102445260 84102445200 4195881092919
D 313613524736 309396217000 0
E 338965335230 331239394812 6638829816582
F 364364563561 361354466823 2788507105840
G 217039 217039 1264777
H 527715404257 527715404257 7746779635221
I 583706456444 583706456444 6552890513792
J 1360981630371 1325097240000 0
K 2274276676 2242635780 0
L 1970993742 1970993740 0
M 49928460991 49928157500 0
N 202739586553 199470115000 0
O 222880199765 219518764980 0
P 662197407330 651833115436 651833115436
Q 526776842042 526776842042 1995944800323
R 371899551572 351826900528 0
S 1534613444 1511377982 0
T 682895254913 656798881333 0
U 2569342178 2443995950 0
V 1632051 1617084 0
W 11818845467155 11614976869921 0
X 280461191177 278109753000 0
Y 621176568278 595085773000 0'

field() { echo "$1" | sed -n "s/^# $2 \([^ ]*\).*/\1/p"; }

echo "| instance | cost | bound | gap % | proven | seconds | MiB | to best team | to best published | to XLA |"
echo "|---|---|---|---|---|---|---|---|---|---|"
for name in $instances; do
  file=$(ls "$directory"/*-"$name".json.gz "$directory"/*-"$name".json 2>/dev/null | head -1)
  [ -n "$file" ] || continue
  out=$("$program" "$file" "$seconds" 2>&1 | grep '^#')
  cost=$(field "$out" cost) row=$(echo "$published" | grep "^$name ")
  if [ -z "$cost" ]; then
    echo "| $name | none | | | | | | | | |"
    continue
  fi
  echo "$row $cost" | awk -v bound="$(field "$out" bound)" -v gap="$(field "$out" gap)" -v time="$(field "$out" time)" \
    -v proven="$(field "$out" proven)" -v memory="$(field "$out" memory)" '{
      printf "| %s | %s | %s | %s | %s | %s | %s | %.5f | %.5f | %s |\n", $1, $5, bound, gap, proven, time, memory,
             $5 / $2, $5 / $3, ($4 ? sprintf("%.5f", $5 / $4) : "-") }'
done
