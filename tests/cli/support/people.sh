# For scripts about kith-model evaluate: `people` makes a folder for each of four persons, with several copies of a
# photo that differ in their last bytes.
GALLERY="$SOURCE/tests/photos/gallery"
export KITH_JOBS=1 # so that failures come in order
people() {
    for number in 1 2 3 4 5; do
        copy "$GALLERY/Grace Hopper/hopper.jpg" hopper $number
        copy "$GALLERY/Joe Biden/biden.jpg" biden $number
        copy "$GALLERY/Barack Obama/obama.jpg" obama $number
        copy "$GALLERY/Eileen Collins/astronaut.png" collins $number
    done
}
copy() {
    mkdir -p people/$2
    { cat "$1"; echo "$3"; } >"people/$2/$3.${1##*.}"
}
