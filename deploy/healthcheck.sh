#!/bin/bash
# Whether this process can work: 0 when its own address for operations answers /readyz with 200. Needs no other program.
set -u
address=${BRINE_OPERATIONS_BIND:-127.0.0.1:8931}
exec 3<>"/dev/tcp/127.0.0.1/${address##*:}" || exit 1
printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 4 _ status _ <&3 || exit 1
[ "$status" = 200 ]
