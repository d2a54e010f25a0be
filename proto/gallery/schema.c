/* SPDX-License-Identifier: MIT */
#include "proto/gallery/database.h"

/* face is what a search scans, dense and in one pass; detail what a hit shows. uuids, digests and paths are
 * raw bytes, so that their order is the order of bytes; a vector is 256 F32, box and points are F32, all
 * little endian. A person lives as long as one of its faces: the triggers see to it.
 */
const char kith_database_schema[] =
    "CREATE TABLE header ("
    "  one INTEGER PRIMARY KEY CHECK (one = 1),"
    "  pipeline TEXT NOT NULL, network TEXT NOT NULL, detector TEXT NOT NULL, canary BLOB"
    ") STRICT;"
    "CREATE TABLE note (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE face ("
    "  id INTEGER PRIMARY KEY,"
    "  uuid BLOB NOT NULL UNIQUE,"
    "  person INTEGER REFERENCES person,"
    "  vector BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX face_person ON face (person);"
    "CREATE TRIGGER face_removed AFTER DELETE ON face WHEN OLD.person IS NOT NULL BEGIN"
    "  DELETE FROM person WHERE id = OLD.person AND NOT EXISTS (SELECT 1 FROM face WHERE person = "
    "OLD.person);"
    "END;"
    "CREATE TRIGGER face_renamed AFTER UPDATE OF person ON face"
    "  WHEN OLD.person IS NOT NULL AND OLD.person IS NOT NEW.person BEGIN"
    "  DELETE FROM person WHERE id = OLD.person AND NOT EXISTS (SELECT 1 FROM face WHERE person = "
    "OLD.person);"
    "END;"

    "CREATE TABLE detail ("
    "  face INTEGER PRIMARY KEY REFERENCES face ON DELETE CASCADE,"
    "  sha256 BLOB NOT NULL, number INTEGER NOT NULL, faces INTEGER NOT NULL,"
    "  box BLOB NOT NULL, points BLOB NOT NULL,"
    "  score REAL NOT NULL, eyes REAL NOT NULL, sharpness REAL NOT NULL, yaw REAL NOT NULL,"
    "  width INTEGER NOT NULL, height INTEGER NOT NULL,"
    "  taken TEXT, taken_at INTEGER," /* as the file says it; microseconds since 1970, UTC */
    "  indexed TEXT NOT NULL, run BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX detail_sha256 ON detail (sha256);"

    "CREATE TABLE path ("
    "  face INTEGER NOT NULL REFERENCES face ON DELETE CASCADE,"
    "  bytes BLOB NOT NULL,"
    "  PRIMARY KEY (face, bytes)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX path_bytes ON path (bytes);"

    "CREATE TABLE run ("
    "  uuid BLOB PRIMARY KEY, started TEXT NOT NULL, version TEXT NOT NULL, settings TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE record (" /* the ledger */
    "  path BLOB PRIMARY KEY,"
    "  device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,"
    "  sha256 BLOB, pipeline TEXT NOT NULL, outcome INTEGER NOT NULL, faces INTEGER NOT NULL,"
    "  person TEXT, reason TEXT, run BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX record_sha256 ON record (sha256) WHERE sha256 IS NOT NULL;";
