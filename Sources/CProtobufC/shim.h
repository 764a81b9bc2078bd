// Runtime of the generated messages (libprotobuf-c-dev).
#include <protobuf-c/protobuf-c.h>
