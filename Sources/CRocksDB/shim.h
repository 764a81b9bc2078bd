// The C API of RocksDB (librocksdb-dev).
#include <rocksdb/c.h>
