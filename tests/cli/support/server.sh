# For scripts about galleries on a server: starts the scripted Qdrant (tests/qdrant) with options, sets $GALLERY.
SCRIPTED="$SOURCE/tests/qdrant"
[ -f "$SHARED/qdrant/openapi.json" ] && DESCRIBED="--openapi $SHARED/qdrant/openapi.json"
SERVERS=0
start_server() {
    SERVERS=$((SERVERS + 1))
    mkfifo ../server-input-$SERVERS
    python3 -B "$SCRIPTED/fake_server.py" --strict $DESCRIBED "$@" <../server-input-$SERVERS >../server-port-$SERVERS &
    eval "exec $((5 + SERVERS))>../server-input-$SERVERS" # it ends with this script
    until [ -s ../server-port-$SERVERS ]; do sleep 0.05; done
    ORIGIN="http://127.0.0.1:$(cat ../server-port-$SERVERS)"
    GALLERY="qdrant+$ORIGIN/faces"
}
# ask PATH [BODY]: GET or POST; with the key of the server's environment.
ask() {
    python3 - "$ORIGIN$1" "$2" <<'END'
import os, sys, urllib.request
request = urllib.request.Request(sys.argv[1], sys.argv[2].encode() or None)
request.add_header("api-key", os.environ.get("QDRANT__SERVICE__API_KEY", ""))
print(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).read().decode())
END
}
# put PATH BODY
put() {
    python3 - "$ORIGIN$1" "$2" <<'END'
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], sys.argv[2].encode(), {"Content-Type": "application/json"}, method="PUT")
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).read()
END
}
# Every request was as the server's description wants it.
good_requests() {
    ask /_fake/stats | python3 -c 'import json, sys; print("violations:", json.load(sys.stdin)["violations"])'
}
