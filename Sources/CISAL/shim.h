// CRC32C from Intel ISA-L (libisal-dev): the fastest implementation that Debian packages.
#include <isa-l/crc.h>
