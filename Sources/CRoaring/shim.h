// Compressed bitmaps for filters (libroaring-dev).
#include <roaring/roaring.h>
