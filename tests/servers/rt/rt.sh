#!/bin/bash
# A throwaway Request Tracker 5 on loopback, from Debian's packages: own SQLite file, own config, no root at run
# time, no systemd, no mail.
#
#   rt.sh install               packages, once (needs root or sudo; does nothing when they are there)
#   rt.sh start HOME [PORT]     a new instance in HOME, seeded with nothing; prints its URL; HOME/pid holds its pid
#   rt.sh start HOME            again: same port, same data
#   rt.sh seed HOME N           N tickets, only while the instance is stopped or idle
#   rt.sh stop HOME
#
# DESKBELL_SERVERS_CACHE keeps the empty database between runs (default target/servers).
# DESKBELL_RT_WORKERS is how many connections the instance serves at once (default 8).
# DESKBELL_RT_CONFIG is Perl that is added to its configuration.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${DESKBELL_SERVERS_CACHE:-$here/../../../target/servers}
server=/usr/share/request-tracker5/libexec/rt-server
setup=/usr/sbin/rt-setup-database-5
# A kept connection pins one of RT's pre-forked workers.
workers=${DESKBELL_RT_WORKERS:-8}
wait_tenths_max=300
start_s_max=120

say() { echo "rt: $*" >&2; }

rt_install() {
    if [ -x "$server" ] && [ -x "$setup" ]; then return; fi
    command -v apt-get >/dev/null || { say "Request Tracker is installed from Debian packages; there is no apt-get here"; exit 3; }
    local root=(env)
    [ "$(id -u)" = 0 ] || root=(sudo env)
    local began=$SECONDS policy=/usr/sbin/policy-rc.d own_policy=no
    # No service of these packages is to start.
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
        "${root[@]}" chmod +x "$policy"
        own_policy=yes
    fi
    "${root[@]}" debconf-set-selections <<'END'
request-tracker5 request-tracker5/rtname string rt.test
request-tracker5 request-tracker5/organization string rt.test
request-tracker5 request-tracker5/webbaseurl string http://127.0.0.1:8180
request-tracker5 request-tracker5/webpath string
request-tracker5 request-tracker5/correspondaddress string rt@rt.test
request-tracker5 request-tracker5/commentaddress string rt-comment@rt.test
request-tracker5 request-tracker5/handle-siteconfig-permissions boolean true
request-tracker5 request-tracker5/initial-root-password password password
request-tracker5 request-tracker5/initial-root-password-confirm password password
request-tracker5 request-tracker5/dbconfig-install boolean true
request-tracker5 request-tracker5/database-type select sqlite3
END
    # Own folder for the packages: a second apt on the machine clears the shared one.
    local debs
    debs=$(mktemp -d)
    mkdir -p "$debs/partial"
    chmod 755 "$debs"
    chmod 777 "$debs/partial"
    local apt=("${root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=900 -o "Dir::Cache::archives=$debs")
    local failed=no
    "${apt[@]}" update >&2 || say "the package lists are not fresh"
    "${apt[@]}" install -y --no-install-recommends request-tracker5 rt5-db-sqlite rt5-standalone >&2 || failed=yes
    "${root[@]}" rm -rf "$debs"
    if [ "$own_policy" = yes ]; then "${root[@]}" rm -f "$policy"; fi
    [ "$failed" = no ] || { say "the packages could not be installed"; exit 3; }
    say "installed in $((SECONDS - began)) s"
}

write_config() { # HOME PORT
    sed "s#@HOME@#$1#g; s#@PORT@#$2#g" "$here/site_config.pl.in" >"$1/RT_SiteConfig.pm"
    if [ -n "${DESKBELL_RT_CONFIG:-}" ]; then
        sed -i '$d' "$1/RT_SiteConfig.pm"
        printf '%s\n1;\n' "$DESKBELL_RT_CONFIG" >>"$1/RT_SiteConfig.pm"
    fi
    # Without the second the packaged configuration names the database.
    export RT_SITE_CONFIG="$1/RT_SiteConfig.pm" RT_SITE_CONFIG_DIR=/dev/null
}

rt_template() { # prints the path of the empty database
    local key file
    key=$(cat "$here/site_config.pl.in" "$here/initial_data.pl" <(dpkg-query -W -f '${Version}' request-tracker5) | sha256sum | cut -c1-16)
    mkdir -p "$cache"
    file=$(cd "$cache" && pwd)/rt-$key.db
    if [ ! -s "$file" ]; then
        local home
        home=$(mktemp -d)
        mkdir -p "$home"/{mason,session,var}
        (
            write_config "$home" 8180
            "$setup" --action init --skip-create
            "$setup" --action insert --datafile "$here/initial_data.pl" --skip-create
        ) >"$home/setup.log" 2>&1 || { cat "$home/setup.log" >&2; exit 1; }
        # Whole or not at all: two runs may build it at once.
        cp "$home/rt.db" "$file.$$"
        mv "$file.$$" "$file"
        rm -rf "$home"
    fi
    echo "$file"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

rt_start() { # HOME [PORT]
    local home port template
    mkdir -p "$1"/{mason,session,var}
    home=$(cd "$1" && pwd)
    if [ ! -s "$home/rt.db" ]; then
        template=$(rt_template)
        cp "$template" "$home/rt.db"
    fi
    if [ -s "$home/port" ]; then port=$(cat "$home/port"); else port=${2:-$(free_port)}; fi
    echo "$port" >"$home/port"
    write_config "$home" "$port"
    setsid "$server" --host 127.0.0.1 --port "$port" --max-workers "$workers" --max-keepalive-reqs 1000 --keepalive-timeout 2 \
        >>"$home/server.log" 2>&1 </dev/null &
    echo $! >"$home/pid"
    local end=$((SECONDS + start_s_max))
    while [ "$SECONDS" -lt "$end" ]; do
        if python3 - "$port" <<'END'; then
import http.client, sys
try:
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
    connection.request("GET", "/REST/2.0/rt")
    sys.exit(connection.getresponse().status != 401)
except OSError:
    sys.exit(1)
END
            echo "http://127.0.0.1:$port"
            return
        fi
        kill -0 "$(cat "$home/pid")" 2>/dev/null || break
        sleep 0.1
    done
    say "did not start:"
    tail -20 "$home/server.log" >&2
    exit 1
}

rt_stop() { # HOME
    [ -s "$1/pid" ] || return 0
    local pid tenth
    pid=$(cat "$1/pid")
    rm -f "$1/pid"
    kill "$pid" 2>/dev/null || return 0
    for ((tenth = 0; tenth < wait_tenths_max; tenth++)); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
}

case ${1:-} in
install) rt_install ;;
start) rt_start "$2" "${3:-}" ;;
stop) rt_stop "$2" ;;
seed) python3 "$here/seed.py" "$2/rt.db" "$3" ;;
*)
    sed -n '2,14s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
