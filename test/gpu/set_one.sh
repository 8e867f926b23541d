#!/bin/sh
# set_one.sh COMMAND...: the variable that SET assigns is set in process 1 of a job only.
[ "$RANK" = 1 ] && export "$SET"
exec "$@"
