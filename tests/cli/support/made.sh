# For scripts about many persons: `made ROW...` puts made faces into the gallery; see made_people.py.
. "$SOURCE/tests/cli/support/index.sh"
kith-index add "$HOPPER" >/dev/null 2>&1 # for its pipeline
TEMPLATE="$PWD/../template"
kith-index export >"$TEMPLATE"
kith-index forget --photo "$HOPPER" >/dev/null 2>&1
made() {
    python3 "$SOURCE/tests/cli/support/made_people.py" "$TEMPLATE" "$@" | kith-index import - >/dev/null
}
