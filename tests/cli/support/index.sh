# For scripts about kith-index: a gallery, photos, and what the gallery holds.
export KITH_GALLERY="$PWD/../gallery.kith"
export KITH_JOBS=1 # so that failures come in order
HOPPER="$SOURCE/tests/photos/gallery/Grace Hopper/hopper.jpg"
BIDEN="$SOURCE/tests/photos/gallery/Joe Biden/biden.jpg"
COLLINS="$SOURCE/tests/photos/gallery/Eileen Collins/astronaut.png"
OBAMA="$SOURCE/tests/photos/probe/obama3.jpg"
faces() {
    kith-index export "$@" | python3 "$SOURCE/tests/cli/support/faces.py"
}
# The account alone: how long it took is nobody's business.
account() {
    kith-index "$@" | grep -v 'photos per second$'
}
